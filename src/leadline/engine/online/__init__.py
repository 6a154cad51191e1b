"""Single leads in microseconds, in plain Python, from their rows of the daily roll-up.

A plan is written down as one Python function (`source.py`) that works on integers; `assessor.py` feeds it. It needs no package
and no database. tests/parity holds it to the reference, in equal integers.
"""

from leadline.engine.online.assessor import LeadState, OnlineAssessor

__all__ = ["LeadState", "OnlineAssessor"]
