"""What a playbook means, in plain Python: the specification that every engine is held to."""
