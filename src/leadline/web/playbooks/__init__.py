"""Drafts and published versions of playbooks."""
