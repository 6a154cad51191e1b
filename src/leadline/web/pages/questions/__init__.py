"""The playbook's questions about one lead: answers by people, what is inferred, and which question to ask next."""
