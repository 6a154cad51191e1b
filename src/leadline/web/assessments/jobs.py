"""The worker's jobs about assessments. Each does some of what waits and returns how much it did; 0: nothing waits.

What waits is a state of rows: a lead that is due, a version in preparation, a day that has come. So a job may be stopped at any moment
and goes on where the rows say, and several workers share them.
"""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from leadline.engine.calendar import instant_of
from leadline.web.assessments.assess import assess_alone, assess_leads
from leadline.web.assessments.changes import Tell, tell_nobody
from leadline.web.assessments.failing import ENOUGH_LEADS, failing_by, is_much, note_failing, say_problem, try_again
from leadline.web.assessments.models import Assessment, FailingLead
from leadline.web.assessments.store import remove_rows
from leadline.web.leads.due import claim_due
from leadline.web.leads.models import Lead
from leadline.web.playbooks.actions import give_up, go_live
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import get_plan, versions_in_preparation

log = logging.getLogger("leadline.assessments")

LEADS_AT_ONCE = 200
"""Assessed together: more is little faster, and what came in meanwhile waits for it."""
MOST_WAITING = 400
"""Preparing and midnight make no more leads due while so many wait, so that what happens now is not kept waiting."""
ROWS_AT_ONCE = 2_000


def assess_due(*, tell: Tell = tell_nobody, now: datetime | None = None, most: int = LEADS_AT_ONCE) -> int:
    """Assess leads that are due, those first that wait longest. Return how many were claimed.

    When leads cannot be assessed together, each is tried by itself. One that cannot be is noted (`failing.py`) and tried again later;
    it keeps nobody else waiting.
    """
    lease, ids = claim_due(most, now=now)
    if not ids:
        return 0
    try:
        assess_leads(ids, lease=lease, now=now, tell=tell)
    except Exception:
        log.warning("%s leads cannot be assessed together: each is tried by itself", len(ids), exc_info=len(ids) > 1)
        for lead in ids:
            _assess_alone(lead, lease, tell, now)
    return len(ids)


def _assess_alone(lead: int, lease: str, tell: Tell, now: datetime | None) -> None:
    """Assess a lead by itself, and note by which versions it cannot be. What cannot be stored is tried again in a minute."""
    try:
        errors = assess_alone(lead, lease=lease, now=now, tell=tell)
        if errors:
            note_failing(lead, lease, errors, now=now or timezone.now())
    except Exception:
        log.exception("What was found of lead %s cannot be stored; it is tried again in a minute", lead)


# -- a version in preparation ----------------------------------------------------------------------------------


def prepare_versions(*, now: datetime | None = None) -> int:
    """Bring versions in preparation on by a step, and remove rows of versions that are not needed any more.

    Preparing makes leads due, some at a time in the order of their ids; who is due is assessed by the live version and by this one.
    When everybody has been, it goes live in one transaction. Return how much was done.
    """
    now = now or timezone.now()
    done = sum(_prepare(version, now) for version in versions_in_preparation())
    return done or _remove_old()


def _prepare(version: Version, now: datetime) -> int:
    """Make the next leads due, or let the version go live when there are no more."""
    room = MOST_WAITING - _waiting()
    if room <= 0:
        return 0
    leads = Lead.objects.filter(workspace=version.workspace_id, merged_into=None)
    if failed := _fail_if_many(version, leads):
        return failed
    following = leads.filter(pk__gt=version.prepared_up_to).order_by("pk")
    ids = list(following.values_list("pk", flat=True)[:room])
    if ids:
        with transaction.atomic():
            # another worker may have done the same: then these leads are due already, and nothing is lost
            Version.objects.filter(pk=version.pk, prepared_up_to__lt=ids[-1]).update(prepared_up_to=ids[-1])
            _let_wait(ids, now)
            try_again(ids, version)
        return len(ids)
    own = Assessment.objects.filter(version=version, lead=OuterRef("pk"))
    missing = list(leads.exclude(Exists(own)).filter(due_at=None).values_list("pk", flat=True)[:room])
    if missing:  # somebody who was unmerged, or whom nobody made due
        _let_wait(missing, now)
        return len(missing)
    without = leads.exclude(Exists(own)).filter(pk__lte=version.prepared_up_to)
    if without.exclude(pk__in=failing_by(version).values("lead")).exists():
        return 0
    return go_live(version, now=now)


def _fail_if_many(version: Version, leads: QuerySet[Lead]) -> int:
    """Mark a version as failed when too many leads cannot be assessed by it; return 1 when it was.

    Of enough leads the share is known before all have been tried.
    """
    failing = failing_by(version).count()
    if failing < 2:
        return 0
    reached = leads.filter(pk__lte=version.prepared_up_to)
    tried = reached.count()
    is_whole = not leads.filter(pk__gt=version.prepared_up_to).exists()
    if not is_much(failing, tried) or not (is_whole or tried >= ENOUGH_LEADS):
        return 0
    return give_up(version, say_problem(version, tried))


def _waiting() -> int:
    """Return how many leads wait, at most so many as matter. Those that fail are tried beside all others, and not counted."""
    waiting = Lead.objects.filter(due_at__isnull=False, merged_into=None)
    return waiting.exclude(pk__in=FailingLead.objects.values("lead"))[: MOST_WAITING + 1].count()


def _let_wait(ids: list[int], now: datetime) -> None:
    """Make leads due whose log has not changed: they wait behind those who wait already."""
    for start in range(0, len(ids), 500):
        Lead.objects.filter(pk__in=ids[start : start + 500], due_at=None).update(due_at=now)


def _remove_old() -> int:
    """Remove some rows of versions that neither hold nor will."""
    over = (Version.State.RETIRED, Version.State.CANCELLED, Version.State.FAILED)
    with_rows = Version.objects.filter(state__in=over).filter(Exists(Assessment.objects.filter(version=OuterRef("pk"))))
    FailingLead.objects.filter(version__state__in=over).delete()
    version = with_rows.order_by("pk").first()
    return 0 if version is None else remove_rows(version, ROWS_AT_ONCE)


# -- midnight ------------------------------------------------------------------------------------------------------


def begin_days(*, now: datetime | None = None) -> int:
    """Make leads due on whose day of change the playbook's local day has come, those first whose qualification changes.

    There is no record of which days have begun: a day that nobody worked on, a change of the clock or of the playbook's zone need no
    care, since what matters is whether the day that a lead waits for is today or past. Return how many became due.
    """
    now = now or timezone.now()
    room = MOST_WAITING - _waiting()
    done = 0
    for version in Version.objects.filter(state__in=(Version.State.LIVE, Version.State.PREPARING)).order_by("pk"):
        if room - done <= 0:
            break
        today = get_plan(version).zone.day_of(instant_of(now))
        waiting = Assessment.objects.filter(version=version, next_change_day__lte=today, lead__due_at=None)
        first = waiting.filter(lead__merged_into=None).order_by(F("turns_day").asc(nulls_last=True), "next_change_day")
        ids = list(first.values_list("lead", flat=True)[: room - done])
        _let_wait(ids, now)
        done += len(ids)
    return done
