"""Views of the list that somebody saved: tabs above it, for oneself or for the whole workspace."""
