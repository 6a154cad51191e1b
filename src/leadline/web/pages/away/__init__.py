"""What is open with somebody who is away or will be, and giving it on."""
