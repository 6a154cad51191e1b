"""What is said about a log afterwards: leads that are one, events that were bots or somebody else's, people to be forgotten.

The log is never changed. Amendments are a list of their own that only grows; `amended` reads both and gives the tables as if
they had always looked like that, from which everything is computed as ever. Nothing is added up or carried over.
"""
