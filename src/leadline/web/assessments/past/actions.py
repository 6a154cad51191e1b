"""Asking what a draft would have done, and stopping it."""

from datetime import datetime

from django.db import transaction

from leadline.engine.calendar import date_of, instant_of
from leadline.web.accounts.models import User
from leadline.web.assessments.models import PastWhatIf
from leadline.web.assessments.whatif.actions import NoDraftError, NothingLiveError
from leadline.web.leads.turn import take_turn
from leadline.web.playbooks.actions import check_playbook
from leadline.web.playbooks.models import Draft
from leadline.web.playbooks.queries import find_live

WEEKS = (13, 26, 52)
"""How far back one can ask."""
HORIZON_DAYS = 90
"""How long a lead has had, after its entry, to be accepted or won."""
MOST_A_WEEK = 100_000
"""The largest capacity that can be given."""


def ask_past(draft: Draft, *, weeks: int, capacity: int | None, by: User | None, now: datetime) -> PastWhatIf:
    """Ask what a draft would have done in the weeks before today, beside the live version; a child of the worker finds it out.

    What was asked with the draft before is replaced, also while it is being found out.

    Args:
        draft: as it was saved last.
        weeks: one of `WEEKS`: so many, up to yesterday in the draft's zone.
        capacity: how many hand-offs sales can work in a week, from 1 to `MOST_A_WEEK`; None where that is not asked.
        by: who asks; None for the command line.
        now: the moment of asking.

    Raises:
        ValueError: *weeks* or *capacity* is none that can be asked.
        ProblemsError: the text of the draft cannot be used: all that is wrong with it.
        NothingLiveError: there is no live version.
        NoDraftError: it was published or deleted.
    """
    if weeks not in WEEKS:
        raise ValueError(f"weeks: {weeks} is none of {WEEKS}")
    if capacity is not None and not 1 <= capacity <= MOST_A_WEEK:
        raise ValueError(f"capacity: {capacity} is not from 1 to {MOST_A_WEEK}")
    if draft.deleted_at is not None or draft.published_as_id is not None:
        raise NoDraftError
    after = check_playbook(draft.toml)
    live = find_live(draft.workspace_id)
    if live is None:
        raise NothingLiveError
    yesterday = after.zone.day_of(instant_of(now)) - 1
    with transaction.atomic():
        take_turn(draft.workspace_id)
        asked, _ = PastWhatIf.objects.update_or_create(
            draft=draft,
            defaults={
                "workspace_id": draft.workspace_id,
                "live": live,
                "revision": draft.revision,
                "toml": draft.toml,
                "plan_hash": after.plan_hash,
                "first_day": date_of(yesterday - 7 * weeks + 1),
                "last_day": date_of(yesterday),
                "capacity": capacity,
                "state": PastWhatIf.State.RUNNING,
                "problem": "",
                "doing": "",
                "percent": 0,
                "told": {},
                "named": {},
                "lease": "",
                "leased_until": None,
                "asked_by": by,
                "asked_at": now,
                "ended_at": None,
            },
        )
        return asked


def stop_past(past: PastWhatIf, *, now: datetime) -> bool:
    """Stop it; False where it was over. The process that is at it is ended within seconds."""
    running = PastWhatIf.objects.filter(pk=past.pk, state=PastWhatIf.State.RUNNING, asked_at=past.asked_at)
    return bool(running.update(state=PastWhatIf.State.STOPPED, ended_at=now))
