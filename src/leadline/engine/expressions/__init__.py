"""Conditions: how they are written, what they mean, and how they sound in plain words."""
