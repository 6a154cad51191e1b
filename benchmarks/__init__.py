"""Measured side by side with the alternatives; nothing here asserts a time."""
