"""Doing one thing with many leads: a selection, or all that match. Small batches are done at once, large ones by the worker."""
