"""Tables: what came in (`inbox.py`), imports (`imports.py`), forms (`forms.py`), mail providers (`mail.py`), bots (`rules.py`)."""

from leadline.web.capture.models.forms import Form
from leadline.web.capture.models.imports import ImportMapping, ImportRun, RefusedRow
from leadline.web.capture.models.inbox import Delivery, RefusedEvent, RefusedMeter
from leadline.web.capture.models.mail import MailHook
from leadline.web.capture.models.rules import BotChange, BotReview, BotRule, BuiltInList, WaitingClick

__all__ = [
    "BotChange",
    "BotReview",
    "BotRule",
    "BuiltInList",
    "Delivery",
    "Form",
    "ImportMapping",
    "ImportRun",
    "MailHook",
    "RefusedEvent",
    "RefusedMeter",
    "RefusedRow",
    "WaitingClick",
]
