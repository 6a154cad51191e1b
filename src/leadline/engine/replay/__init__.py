"""What a playbook would have done: assessments through time, spells and stages of all leads, in bulk."""
