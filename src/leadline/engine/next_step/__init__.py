"""What is missing: the smallest change that would let a lead enter its next qualification."""
