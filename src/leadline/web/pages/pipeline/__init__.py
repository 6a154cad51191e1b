"""The stages of the lifecycle side by side, as a board or as a list: who stands where, and how they got there."""
