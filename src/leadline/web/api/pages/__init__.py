"""The pages about the API: its keys, and what it can do."""
