"""What bots are recognised by."""
