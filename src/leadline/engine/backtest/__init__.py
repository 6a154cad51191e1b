"""Back-test: one playbook against what really became of the leads, and what moving its threshold would do."""
