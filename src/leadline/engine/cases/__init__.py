"""Cases: a playbook's own tests, each one lead, one moment and what must come out. ``leadline test`` runs them.

read.py reads cases.toml into logs, as inputs/ reads files; run.py assesses each with the reference and compares.
"""

from leadline.engine.cases.run import CaseResult, Difference, run_cases

__all__ = ["CaseResult", "Difference", "run_cases"]
