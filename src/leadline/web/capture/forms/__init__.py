"""Forms that we host, and the snippet."""
