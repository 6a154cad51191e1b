"""Which leads hold a condition now: a condition in the playbook's language, asked of the database (decision 0029)."""
