"""Many assessments at once, in arrays: a *cell* is one lead at one moment (or in one supposed state of things)."""
