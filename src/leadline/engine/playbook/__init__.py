"""What people write: the model, reading it with line numbers, checking it, saying it in plain sentences."""
