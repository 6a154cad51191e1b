"""What the names in a filter can mean: the playbook's words, fields and events that the workspace knows, what an assessment says."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import QuerySet

from leadline.engine.catalog import Catalog, FieldSpec
from leadline.engine.expressions import nodes as n
from leadline.engine.expressions.vocabulary import BUILT_IN_OUTCOMES, Vocabulary
from leadline.engine.playbook.model import Playbook
from leadline.engine.values import text_key
from leadline.web.accounts.models import Workspace
from leadline.web.leads.facts import is_internal
from leadline.web.leads.models import Event, Fact
from leadline.web.leads.titles import FIELDS
from leadline.web.playbooks.queries import Compiled

ASSESSED = ("stage", "grade", "persona", "excluded_by")
QUALIFIED = "qualified"
_FOLLOWING = ("created_at", "email_domain", *FIELDS)
"""Fields that follow from others, and stand in no row of facts."""
_LATEST = 5_000
_LIVE_S = 300


@dataclass(frozen=True, slots=True)
class Known:
    """The names that a workspace knows: fields of people and companies, and events."""

    lead: frozenset[str]
    company: frozenset[str]
    events: frozenset[str]


def find_known(workspace: Workspace) -> Known:
    """Return the names of which something was said lately, as they were some minutes ago; `find_rare` asks for others."""
    key = f"condition-names:{workspace.pk}"
    found: Known | None = cache.get(key)
    if found is None:
        facts = Fact.objects.filter(workspace=workspace).order_by("-pk")
        found = Known(
            frozenset({*_latest(facts.filter(lead__isnull=False), "field"), *_FOLLOWING}),
            frozenset(_latest(facts.filter(company__isnull=False), "field")),
            frozenset(
                _latest(Event.objects.filter(workspace=workspace, kind__in=Event.BEHAVIOUR).order_by("-pk"), "name")
            ),
        )
        cache.set(key, found, _LIVE_S)
    return found


def _latest(rows: QuerySet[Fact] | QuerySet[Event], column: str) -> set[str]:
    return {one for one in set(rows.values_list(column, flat=True)[:_LATEST]) if not is_internal(one)}


def find_rare(workspace: Workspace, known: Known, terms: Iterable[n.Term]) -> Known:
    """Return the known names with those that a condition reads and of which something was said long ago."""
    lead, company, events = set[str](), set[str](), set[str]()
    facts = Fact.objects.filter(workspace=workspace)
    for term in terms:
        match term:
            case n.Field("company", name, _) if name not in known.company:
                company |= {name} if facts.filter(field=name, company__isnull=False).exists() else set()
            case n.Field("lead", name, _) if name not in known.lead and name not in (*ASSESSED, QUALIFIED):
                lead |= {name} if facts.filter(field=name, lead__isnull=False).exists() else set()
            case n.Count(name) | n.ActiveDays(name) | n.DaysSinceEvent(name) if name not in known.events:
                events |= {name} if Event.objects.filter(workspace=workspace, name=name).exists() else set()
    return Known(known.lead | lead, known.company | company, known.events | events)


def vocabulary_of(compiled: Compiled, known: Known) -> Vocabulary:
    """Return what the names in a filter can mean. Every part stays open: `reading.py` says which names there are not."""
    playbook, catalog = compiled.playbook, compiled.bound.catalog
    return Vocabulary(
        catalog=Catalog(
            lead=_fields(compiled, "lead", known.lead, catalog.lead) | _assessed(compiled),
            company=_fields(compiled, "company", known.company, catalog.company),
            events=catalog.events,
        ),
        lists=playbook.lists,
        scores={score.id: tuple(name for name, _ in score.grades) for score in playbook.scores},
        questions=tuple(question.id for question in playbook.questions),
        qualifications=tuple(level.id for level in playbook.qualifications),
        outcomes=tuple(outcome.id for outcome in playbook.outcomes) or BUILT_IN_OUTCOMES,
        inferred=dict(compiled.bound.kinds),  # type: ignore[arg-type]
        any_field=True,
    )


def events_of(compiled: Compiled, known: Known) -> set[str]:
    """Return the events that a filter may name: those that occurred, and those that the playbook speaks of."""
    named = set(compiled.bound.catalog.events)
    named |= {event for signal in compiled.plan.signals for event in signal.events}
    return (named | known.events) - {"*"}


def _levels(playbook: Playbook) -> set[str]:
    return {one.id for one in playbook.scores} | {one.id for one in playbook.questions}


def _fields(compiled: Compiled, scope: str, known: Iterable[str], declared: object) -> dict[str, FieldSpec]:
    used = [name for where, name in compiled.bound.kinds if where == scope]
    levels = _levels(compiled.playbook)
    # a field that is called like a score is written lead.x, where it need not stand in the catalog of bare names
    found = {name: FieldSpec(None) for name in (*known, *used) if name not in levels}
    return found | dict(declared)  # type: ignore[call-overload,no-any-return]


def _assessed(compiled: Compiled) -> dict[str, FieldSpec]:
    """Return what an assessment says, as fields; a field of the playbook that is called so, or a score, goes first."""
    taken = {name for scope, name in compiled.bound.kinds if scope == "lead"} | set(compiled.bound.catalog.lead)
    taken |= _levels(compiled.playbook)
    found = {name: FieldSpec("text", declared=True) for name in ASSESSED}
    found[QUALIFIED] = FieldSpec("list", declared=True)
    return {name: spec for name, spec in found.items() if name not in taken}


def is_assessed(compiled: Compiled, field: n.Field) -> bool:
    """Return whether a field is one of those that an assessment says."""
    return field.scope == "lead" and field.name in _assessed(compiled)


def words_of_assessed(playbook: Playbook, name: str) -> dict[str, str]:
    """Return the values that something an assessment says can have, by their text keys; none where they are not listed."""
    found: Iterable[str]
    match name:
        case "stage":
            found = [one.id for one in playbook.stages]
        case "persona":
            found = [one.id for one in playbook.personas]
        case "excluded_by":
            found = [*(one.id for one in playbook.exclusions), "consent"]
        case "qualified":
            found = [one.id for one in playbook.qualifications]
        case _:
            found = []
    return {text_key(one): one for one in found}
