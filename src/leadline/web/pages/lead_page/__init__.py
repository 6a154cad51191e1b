"""The page of one lead: who it is, what the playbook says and why, what happened, what is known and from whom."""
