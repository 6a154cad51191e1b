"""Workspaces, members, roles, sources and keys."""
