"""Proposals to publish a playbook, and the approval of both sides (docs/decisions/0033).

rules       what stands: whose approval counts for which text, what is missing, whether any is needed
actions     putting forward, commenting, approving, asking for changes, taking back, withdrawing
publishing  what a version has to have before it is stored, and the proposal that it names
queries     reads for pages and programs
"""
