"""Events that could not be used: why, and sent again."""
