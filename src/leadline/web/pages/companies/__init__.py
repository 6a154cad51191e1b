"""Organisations: the list of them, and the page of one with its people and what they did together."""
