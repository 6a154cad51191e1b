"""Proposals: what is put forward, what it would change, what people say of it, and the approval of both sides."""
