"""Webhooks: what happens to leads is told to other programs, signed, at least once and always under one id (docs/webhooks.md)."""
