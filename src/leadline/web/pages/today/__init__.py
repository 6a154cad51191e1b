"""The page of the morning: whom to call first and why, what is cooling, and what changed since a week ago."""
