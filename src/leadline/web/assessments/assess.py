"""Assesses leads that a worker has claimed: reads their logs, computes outside any transaction, stores in one short one.

Two workers on one lead never disagree. What is stored is stored by who holds the lease, in the transaction that ends it. A lead whose
log grew meanwhile stays due, and so does one if the versions that count are others by then. So whatever is stored was computed from
the log that its `log_version` names, or from more, and is replaced as soon as there is more.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from leadline.engine.calendar import instant_of
from leadline.engine.reference.log import LeadLog
from leadline.web.assessments.changes import Change, Tell, tell_nobody
from leadline.web.assessments.compute import assess_logs
from leadline.web.assessments.failing import forget_failing
from leadline.web.assessments.logs import read_logs_of
from leadline.web.assessments.models import Assessment
from leadline.web.assessments.rows import Rows, moment_of, read_touches, rows_of
from leadline.web.assessments.store import remove_merged, store_rows
from leadline.web.leads.due import release
from leadline.web.leads.models import Lead
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import Compiled, get_plan, versions_to_assess

log = logging.getLogger("leadline.assessments")

TROUBLE_OF_THE_STORE = (OperationalError, InterfaceError)
"""No lead's fault: it is tried again as before."""
CLOCKS_DIFFER_US = 60_000_000
"""How far the clock of the machine that took an event in may be ahead of ours."""


@dataclass(slots=True)
class _Computed:
    """What one version says of some leads."""

    version: Version
    as_of: datetime
    rows: dict[int, Rows] = field(default_factory=dict)


def assess_leads(
    lead_ids: Iterable[int], *, lease: str, now: datetime | None = None, tell: Tell = tell_nobody
) -> list[Change]:
    """Assess leads that were claimed (`leads.due.claim_due`), store what is found and end the lease.

    Args:
        lead_ids: those that were claimed.
        lease: under which.
        now: the moment of the assessments; left out, the clock's, read after the logs.
        tell: is handed what became different under the live version, in the transaction that stores it.

    Returns:
        What became different.
    """
    log_versions: dict[int, dict[int, int]] = {}
    held = Lead.objects.filter(pk__in=list(lead_ids), lease=lease).values_list("workspace_id", "pk", "log_version")
    for workspace, lead, log_version in held:
        log_versions.setdefault(workspace, {})[lead] = log_version
    changes: list[Change] = []
    for workspace, of_leads in log_versions.items():
        # the versions are read after the logs' versions: who grows a log after a version was published is seen by it
        versions = versions_to_assess(workspace)
        computed = [_compute(version, _waiting(version, of_leads, now), now) for version in versions]
        changes += _store(workspace, computed, of_leads, lease, now or timezone.now(), tell)
    return changes


def assess_alone(
    lead_id: int, *, lease: str, now: datetime | None = None, tell: Tell = tell_nobody
) -> dict[Version, Exception]:
    """Assess a lead version by version, and store what can be computed; return what went wrong, by version.

    While anything does, the lead stays due: no answer is the last word.
    """
    held = Lead.objects.filter(pk=lead_id, lease=lease).values_list("workspace_id", "log_version").first()
    if held is None:
        return {}
    workspace, log_version = held
    computed: list[_Computed] = []
    errors: dict[Version, Exception] = {}
    for version in versions_to_assess(workspace):
        try:
            computed.append(_compute(version, _waiting(version, {lead_id: log_version}, now), now))
        except TROUBLE_OF_THE_STORE:
            raise
        except Exception as error:
            log.exception("Lead %s cannot be assessed by %s", lead_id, version)
            errors[version] = error
    _store(workspace, computed, {lead_id: log_version}, lease, now or timezone.now(), tell)
    return errors


def _waiting(version: Version, log_versions: Mapping[int, int], now: datetime | None) -> list[int]:
    """Return the leads of which the stored assessment is not the last word: their log has grown, or a day has come."""
    compiled = get_plan(version)
    today = compiled.zone.day_of(instant_of(now or timezone.now()))
    stored = Assessment.objects.filter(version=version, lead__in=list(log_versions), plan_hash=compiled.plan_hash)
    current = {
        lead
        for lead, log_version, day in stored.values_list("lead_id", "log_version", "next_change_day")
        if log_version == log_versions[lead] and (day is None or day > today)
    }
    return [lead for lead in log_versions if lead not in current]


def _compute(version: Version, leads: Sequence[int], now: datetime | None) -> _Computed:
    compiled = get_plan(version)
    logs = read_logs_of(compiled, leads)
    as_of_us = instant_of(now) if now is not None else _latest(logs, instant_of(timezone.now()))
    return compute_rows(version, compiled, logs, as_of_us)


def compute_rows(version: Version, compiled: Compiled, logs: Sequence[LeadLog], as_of_us: int) -> _Computed:
    """Return the rows of some leads at a moment."""
    found = assess_logs(compiled, logs, compiled.zone.moment(as_of_us))
    touches = read_touches(int(one.lead_id) for one in found if one.spells)
    computed = _Computed(version, moment_of(as_of_us))
    for one in found:
        lead = int(one.lead_id)
        computed.rows[lead] = rows_of(compiled, one, touches.get(lead, ()))
    return computed


def _latest(logs: Sequence[LeadLog], now_us: int) -> int:
    """Return now, or the latest moment in the logs that is later only because clocks differ."""
    moments = (event.at_us for log in logs for event in log.events)
    return max((us for us in moments if now_us < us <= now_us + CLOCKS_DIFFER_US), default=now_us)


def _store(
    workspace: int, computed: Sequence[_Computed], log_versions: dict[int, int], lease: str, now: datetime, tell: Tell
) -> list[Change]:
    """Store what was computed for leads whose lease is still ours, and end it."""
    changes: list[Change] = []
    with transaction.atomic():
        wanted = {version.pk: version for version in versions_to_assess(workspace)}
        is_complete = set(wanted) <= {one.version.pk for one in computed}
        # under other versions than those that count now, nothing is the last word
        ours = release(lease, log_versions if is_complete else dict.fromkeys(log_versions, -1))
        ours -= set(Lead.objects.filter(pk__in=ours, merged_into__isnull=False).values_list("pk", flat=True))
        for one in computed:
            version = wanted.get(one.version.pk)
            if version is None:
                continue
            rows = {lead: row for lead, row in one.rows.items() if lead in ours}
            found = store_rows(version, rows, log_versions, as_of=one.as_of, now=now)
            found += remove_merged(version, rows)
            forget_failing(ours, [version])
            if version.state == Version.State.LIVE:
                changes += found
        if changes:
            tell(changes)
    return changes
