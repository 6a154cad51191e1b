"""What another text of the playbook would have done over the weeks that are past, beside the live version: two replays of the whole log."""
