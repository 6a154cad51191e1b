"""The review of criteria: which of them earn their place, judged by what became of the leads."""
