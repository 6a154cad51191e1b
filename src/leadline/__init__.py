"""Leadline says which leads are ready, and why: scores, grades and qualifications from a playbook and a log.

Everything rests on one pure function, ``assessment = f(playbook, log, as_of)``. The engine
(``leadline.engine``) is that function; the command line (``leadline.cli``) is a thin reader and
printer around it. Start reading at ``leadline/engine/__init__.py``.

Importing this package is cheap: a public name, and the database it may need, is loaded when it is first used.
tests/test_architecture.py guards that.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# Public name → the module it lives in. This table is the promise: what is not here may change without notice.
_HOME: dict[str, str] = {
    "BackTest": "leadline.engine.backtest.model",
    "CaseResult": "leadline.engine.cases.run",
    "Difference": "leadline.engine.explanation.difference",
    "Explanation": "leadline.engine.explanation.model",
    "Inputs": "leadline.engine.run",
    "NextStep": "leadline.engine.next_step.model",
    "Playbook": "leadline.engine.playbook.model",
    "Problem": "leadline.engine.problems",
    "ProblemsError": "leadline.engine.problems",
    "Replay": "leadline.engine.replay.model",
    "Review": "leadline.engine.review.model",
    "RollupSummary": "leadline.engine.backends.rollup_build",
    "Scoring": "leadline.engine.assess",
    "Spell": "leadline.engine.lifecycle.model",
    "StageMove": "leadline.engine.lifecycle.model",
    "WhatIf": "leadline.engine.comparison.model",
    "backtest": "leadline.engine.backtest.backtest",
    "build_rollup": "leadline.engine.rollup",
    "check": "leadline.engine.data_check",
    "compile_sql": "leadline.engine.warehouse",
    "explain": "leadline.engine.explain",
    "explain_change": "leadline.engine.explain",
    "load_playbook": "leadline.engine.playbook.load",
    "replay": "leadline.engine.replay.run",
    "review": "leadline.engine.review.run",
    "run_cases": "leadline.engine.cases.run",
    "say_playbook": "leadline.engine.playbook.words",
    "score": "leadline.engine.assess",
    "whatif": "leadline.engine.comparison.whatif",
    "write_replay": "leadline.engine.replay.write",
}

__all__ = ["__version__", *sorted(_HOME)]


def __getattr__(name: str) -> Any:
    """Load a public name on first use, so that ``import leadline`` stays in the milliseconds."""
    if name not in _HOME:
        raise AttributeError(f"module 'leadline' has no attribute {name!r}; it offers {', '.join(__all__)}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
