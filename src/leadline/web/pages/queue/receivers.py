"""To whom hand-offs can be given, and what speaks against somebody: they are away or will be, take no more, or had the lead before.

Nothing is forbidden: who gives knows more than the rules. tests/web/pages/queue/test_receivers.py guards it.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.utils import timezone

from leadline.web.accounts.models import User, Workspace
from leadline.web.handoff.models import HandOff
from leadline.web.handoff.routing import not_to_get, say_until
from leadline.web.handoff.teams.queries import Person, list_people
from leadline.web.leads.models import Lead
from leadline.web.playbooks.models import Version

_MOST_NAMES = 3


def receivers(
    workspace: Workspace,
    now: datetime,
    *,
    without: int | None = None,
    handoffs: Sequence[HandOff] = (),
    version: Version | None = None,
) -> list[tuple[int, str]]:
    """Return who can be given hand-offs, each with how free they are: who works hand-offs; where nobody does, who works leads.

    Args:
        workspace: of whom.
        now: the moment.
        without: who has them already.
        handoffs: which are to be given, with their leads: one, or those of a page.
        version: the live one, by whose reasons somebody may have to be a new owner.
    """
    excluded = not_to_get(version, [one.lead for one in handoffs], now=now) if version and handoffs else {}
    had: dict[int, set[int]] = {}
    for lead_id, owner in excluded.items():
        had.setdefault(owner, set()).add(lead_id)
    people = list_people(workspace, now=now)
    working = [one for one in people if one.seat is not None] or people
    return [
        (one.member.user_id, _say(one, had.get(one.member.user_id, ()), is_one=len(handoffs) == 1))
        for one in working
        if one.member.user_id != without
    ]


def _say(one: Person, had: Collection[int], *, is_one: bool) -> str:
    text = f"{one.member.user}, {one.open_handoffs} open"
    if one.away_until:
        text += f", away until {say_until(timezone.localtime(one.away_until))}"
    elif one.away_from:
        text += f", away from {_say_from(one.away_from)}"
    if one.is_full or (one.seat is not None and not one.seat.is_open):
        text += ", takes no more"
    if had and is_one:
        text += ", had this lead, who is to get a new owner"
    elif had:
        text += f", had {len(had)} of this page, who {'is' if len(had) == 1 else 'are'} to get a new owner"
    return text


def _say_from(begins: datetime) -> str:
    """Return when an absence of the next days begins: ``Monday``, ``Monday, 14:00``."""
    local = timezone.localtime(begins)
    return f"{local:%A}" if (local.hour, local.minute) == (0, 0) else f"{local:%A, %H:%M}"


def warn_of_given(picked: Collection[int], to: User, version: Version | None, *, now: datetime) -> str:
    """Return a warning of what was just given to somebody who had it and is not to get it; empty where nothing was."""
    leads = list(Lead.objects.filter(handoffs__in=picked).distinct()) if version else []
    excluded = not_to_get(version, leads, now=now) if version else {}
    names = [str(one) for one in leads if excluded.get(one.pk) == to.pk]
    if not names:
        return ""
    some = ", ".join(names[:_MOST_NAMES]) + (
        f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    )
    return (
        f"{to} had {some}, who {'is' if len(names) == 1 else 'are'} to get a new owner. Undo it if that is not meant."
    )
