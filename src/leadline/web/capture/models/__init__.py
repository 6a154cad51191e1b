"""Tables: what has come in and waits (`inbox.py`), imports (`imports.py`), forms, and what bots are recognised by (`rules.py`)."""

from leadline.web.capture.models.imports import ImportMapping, ImportRun, RefusedRow
from leadline.web.capture.models.inbox import Delivery, RefusedEvent
from leadline.web.capture.models.rules import BotChange, BotRule, Form

__all__ = [
    "BotChange",
    "BotRule",
    "Delivery",
    "Form",
    "ImportMapping",
    "ImportRun",
    "RefusedEvent",
    "RefusedRow",
]
