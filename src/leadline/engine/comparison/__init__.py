"""What if: two versions of a playbook over the same data and the same stretch of time, side by side."""
