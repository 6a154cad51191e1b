"""What every page's frame needs of notices: how many its reader has not read."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from leadline.web.accounts.models import Membership
from leadline.web.notices.queries import count_unread


def bell(request: HttpRequest) -> dict[str, Any]:
    """Return the number of unread notices. It is counted where a page shows it, not for parts of pages."""
    membership: Membership | None = getattr(request, "membership", None)
    return {"unread_notices": SimpleLazyObject(lambda: count_unread(membership) if membership else 0)}
