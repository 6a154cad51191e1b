"""Drafts of the playbook: writing one as text, what is wrong with it as it is typed, what would change, and publishing it."""
