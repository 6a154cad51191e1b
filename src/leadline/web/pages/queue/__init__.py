"""The queue: what waits for sales, the most urgent first, each with its why; and what one does with it."""
