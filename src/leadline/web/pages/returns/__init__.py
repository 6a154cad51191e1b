"""What sales sends back: what became of hand-offs, by reason and by what brought them, with the leads behind each number."""
