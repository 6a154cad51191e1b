"""Leads that cannot be assessed: they are noted and tried again, less and less often, and hold nobody else up.

A lead that fails stays due under a lease that ends when it is to be tried again. What the other versions say of it is stored meanwhile.
A version goes live without a few leads that fail by it, and is marked as failed when they are many (docs/live.md).
tests/web/assessments/test_failing.py guards it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet

from leadline.web.assessments.models import FailingLead
from leadline.web.leads.models import Lead
from leadline.web.playbooks.models import Version

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
ENOUGH_ATTEMPTS = 3
"""Who failed so often is taken for one who will fail again."""
ONE_IN = 10
"""A version goes live without at most one lead in so many."""
ENOUGH_LEADS = 100
"""Of so many that were tried, the share that fails says enough; the others need not be tried."""
_SHOWN = 300


def note_failing(lead_id: int, lease: str, errors: Mapping[Version, Exception], *, now: datetime) -> timedelta:
    """Note that a lead cannot be assessed by some versions; return how long it is left alone."""
    attempts = 1
    with transaction.atomic():
        for version, error in errors.items():
            row, is_new = FailingLead.objects.get_or_create(
                version=version,
                lead_id=lead_id,
                defaults={
                    "workspace_id": version.workspace_id,
                    "error": _said(error),
                    "since": now,
                    "tried_at": now,
                },
            )
            if not is_new:
                FailingLead.objects.filter(pk=row.pk).update(
                    error=_said(error), tried_at=now, attempts=F("attempts") + 1
                )
                attempts = max(attempts, row.attempts + 1)
        pause = min(FIRST_PAUSE * (1 << min(attempts - 1, 10)), LONGEST_PAUSE)
        Lead.objects.filter(pk=lead_id, lease__in=("", lease)).update(leased_until=now + pause, lease=lease)
    return pause


def forget_failing(lead_ids: Iterable[int], versions: Iterable[Version]) -> None:
    """Take back that leads cannot be assessed by some versions: they were."""
    FailingLead.objects.filter(lead__in=list(lead_ids), version__in=list(versions)).delete()


def try_again(lead_ids: Sequence[int], version: Version) -> None:
    """Let those among some leads that fail by other versions be tried at once: a new version may know what to do with them."""
    others = FailingLead.objects.filter(lead__in=lead_ids).exclude(version=version)
    Lead.objects.filter(pk__in=others.values("lead"), leased_until__isnull=False).update(leased_until=None, lease="")


def failing_by(version: Version) -> QuerySet[FailingLead]:
    """Return those who have failed by a version often enough to be taken for failing."""
    return FailingLead.objects.filter(version=version, lead__merged_into=None, attempts__gte=ENOUGH_ATTEMPTS)


def is_much(failing: int, tried: int) -> bool:
    """Return whether so many of those that were tried fail that a version cannot go live. A single one never is.

    >>> is_much(1, 1), is_much(2, 19), is_much(2, 20), is_much(11, 100)
    (False, True, False, True)
    """
    return failing > 1 and failing * ONE_IN > tried


def say_problem(version: Version, tried: int) -> str:
    """Return why a version was marked as failed, for its page."""
    failing = failing_by(version).order_by("lead")
    first = failing.first()
    example = f" Lead {first.lead_id}, for one: {first.error}." if first else ""
    return (
        f"{failing.count():,} of {tried:,} leads cannot be assessed by it.{example} "
        "What was live stays live. Nothing of it is the leads' fault: please report it, and publish another version meanwhile."
    )


def _said(error: Exception) -> str:
    """Return what an exception says in one line: which kind it is, and the beginning of its text."""
    text = " ".join(str(error).replace("\x00", "").split())[:_SHOWN]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
