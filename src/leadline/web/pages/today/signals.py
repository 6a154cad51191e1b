"""Buying signals: what known people did lately that the playbook gives points for, or takes for a raised hand."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from leadline.engine.playbook.model import EventCriterion, Playbook
from leadline.engine.reference.assess import matches
from leadline.engine.reference.log import Event as LoggedEvent
from leadline.web.accounts.models import Workspace
from leadline.web.assessments.logs import read_events
from leadline.web.leads.models import Event, Lead
from leadline.web.pages.lead_page.timeline import ICONS
from leadline.web.pages.playbook_words import say_id
from leadline.web.pages.today.week import Week
from leadline.web.playbooks.queries import Compiled

MOST = 8
_PEOPLE = 40
_EVENTS = 400


@dataclass(frozen=True, slots=True)
class Signal:
    """Something that a person did. why: the reason of the criterion that counts it. is_raised: whether it is a hand raise."""

    lead: Lead
    icon: str
    kind: str
    what: str
    why: str
    at: datetime
    is_raised: bool


def find_signals(workspace: Workspace, compiled: Compiled, week: Week) -> list[Signal]:
    """Return the latest signals of the last seven days, of one person and criterion the latest only.

    Looks at the people who were active last; an event is one when it fits the condition of a criterion that adds points, which
    limits and caps may still keep from counting.
    """
    criteria = _criteria_by_event(compiled.playbook)
    raised = {name for level in compiled.playbook.qualifications for name in level.hand_raise}
    people = Lead.objects.filter(workspace=workspace, is_known=True, merged_into=None, last_seen_at__gte=week.since)
    leads = {one.pk: one for one in people.select_related("company").order_by("-last_seen_at")[:_PEOPLE]}
    rows = Event.objects.filter(lead__in=leads, occurred_at__gte=week.since, occurred_at__lte=week.now)
    rows = rows.filter(is_bot=False, kind__in=Event.BEHAVIOUR, name__in={*criteria, *raised}).order_by(
        "-occurred_at", "-pk"
    )[:_EVENTS]
    logged = read_events(compiled, rows)
    found: list[Signal] = []
    seen: set[tuple[int, str]] = set()
    for event in rows.defer("raw", "touch", "properties"):
        why = _why(compiled, criteria.get(event.name, []), logged.get(event.pk))
        if why is None and event.name not in raised:
            continue
        key = (event.lead_id, why or event.name)
        if key not in seen:
            seen.add(key)
            found.append(_signal(leads[event.lead_id], event, why or "", is_raised=event.name in raised))
        if len(found) == MOST:
            break
    return found


def _criteria_by_event(playbook: Playbook) -> Mapping[str, list[EventCriterion]]:
    found: dict[str, list[EventCriterion]] = defaultdict(list)
    for criterion in playbook.criteria:
        if isinstance(criterion, EventCriterion) and criterion.points > 0:
            for name in criterion.events:
                found[name].append(criterion)
    return found


def _why(compiled: Compiled, criteria: list[EventCriterion], event: LoggedEvent | None) -> str | None:
    """Return the reason of the criterion with the most points that an event fits; None when it fits none."""
    if event is None:
        return None
    fitting = [one for one in criteria if one.when is None or matches(compiled.bound.test(one.when), event)]
    return max(fitting, key=lambda one: one.points).why if fitting else None


def _signal(lead: Lead, event: Event, why: str, *, is_raised: bool) -> Signal:
    return Signal(
        lead, ICONS.get(event.kind, "flag"), event.kind, say_id(event.name), why, event.occurred_at, is_raised
    )
