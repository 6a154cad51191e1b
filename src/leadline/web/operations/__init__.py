"""Running it: worker, health, doctor, verify, backup, demo data."""
