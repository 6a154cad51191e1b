"""What is computed: a playbook becomes a plan, a plan becomes a query whose steps have names. Nothing here runs anything.

Reading order: plan.py, signals.py, assessment.py, sql.py.
"""
