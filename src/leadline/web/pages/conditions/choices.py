"""What a builder offers: everything that a condition can speak about, in groups, and values that were met."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.cache import cache

from leadline.engine.expressions import nodes as n
from leadline.engine.expressions.vocabulary import ANSWERS, DEALS, DECISIONS
from leadline.web.accounts.models import Workspace
from leadline.web.leads.consent import is_consent
from leadline.web.leads.facts import is_internal
from leadline.web.leads.models import Fact
from leadline.web.pages.conditions.names import QUALIFIED, events_of, find_known, vocabulary_of
from leadline.web.pages.conditions.rows import EVENT, LAST, name_of_field
from leadline.web.pages.playbook_words import PlaybookWords, say_id, short
from leadline.web.playbooks.queries import Compiled

_LATEST = 5_000
_MOST_VALUES = 20
_LIVE_S = 300
_KINDS: dict[str, n.Kind] = {
    "text": "text",
    "number": "number",
    "boolean": "boolean",
    "list": "list",
    "date": "day",
    "time": "day",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """Something a row can speak about. kind: of its values, None where its use says it. values: that were met, or that there are."""

    what: str
    title: str
    kind: n.Kind | None = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Choices of one sort."""

    title: str
    choices: list[Choice]


def find_groups(workspace: Workspace, compiled: Compiled, words: PlaybookWords) -> list[Group]:
    """Return all that a row can speak about."""
    known = find_known(workspace)
    met = _values_met(workspace)
    playbook = compiled.playbook
    scores = [Choice(one.id, short(one.title), "number") for one in playbook.scores]
    scores += [
        Choice(f"{one.id}.grade", f"Grade of {short(one.title)}", "text", tuple(name for name, _ in one.grades))
        for one in playbook.scores
        if one.grades
    ]
    assessed = [
        Choice("stage", "Stage", "text", tuple(one.id for one in playbook.stages)),
        Choice(QUALIFIED, "Qualified now as", "list", tuple(one.id for one in playbook.qualifications)),
        Choice("persona", "Persona", "text", tuple(one.id for one in playbook.personas)),
        Choice("excluded_by", "Excluded by", "text", tuple(one.id for one in playbook.exclusions)),
    ]
    if playbook.grade:
        assessed.insert(0, Choice("grade", "Grade", "text", tuple(one.id for one in words.grades)))
    questions = [Choice(one.id, one.ask or say_id(one.id), "text", ANSWERS) for one in playbook.questions]
    history = [Choice("decision", "Latest decision", "text", DECISIONS), Choice("deal", "Deal", "text", DEALS)]
    events = sorted(events_of(compiled, known))
    found = [
        Group("Assessment", assessed),
        Group("Scores", scores),
        Group("Questions", questions),
        Group("Person", _fields(compiled, workspace, "lead", met)),
        Group("Company", _fields(compiled, workspace, "company", met)),
        Group(
            "What they did: how often",
            [Choice(EVENT + one, say_id(one), "number", ("1", "2", "3", "5")) for one in events],
        ),
        Group(
            "What they did: when last",
            [Choice(LAST + one, say_id(one), "number", ("1", "7", "14", "30")) for one in events],
        ),
        Group("Outcomes", history),
    ]
    return [one for one in found if one.choices]


def kinds_of(groups: Sequence[Group]) -> dict[str, n.Kind]:
    """Return the kinds of what a row can speak about, where they are known."""
    return {one.what: one.kind for group in groups for one in group.choices if one.kind is not None}


def _fields(
    compiled: Compiled, workspace: Workspace, scope: n.Scope, met: dict[tuple[str, str], tuple[str, ...]]
) -> list[Choice]:
    vocabulary = vocabulary_of(compiled, find_known(workspace))
    specs = vocabulary.catalog.lead if scope == "lead" else vocabulary.catalog.company
    found = []
    for name in sorted(specs):
        if (
            name in ("stage", "grade", "persona", "excluded_by", QUALIFIED)
            or '"' in name
            or name.startswith("questions.")
        ):
            continue
        type_ = specs[name].type
        kind = vocabulary.inferred.get((scope, name)) if type_ is None else _KINDS[type_]
        title = say_id(name.replace(".", " "))
        found.append(Choice(name_of_field(scope, name), title, kind, met.get((scope, name), ())))
    return found


def _values_met(workspace: Workspace) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the commonest of the values that fields were given lately. Who somebody is (names, addresses) is not offered."""
    key = f"condition-values:{workspace.pk}"
    found: dict[tuple[str, str], tuple[str, ...]] | None = cache.get(key)
    if found is None:
        counts: dict[tuple[str, str], Counter[str]] = {}
        latest = Fact.objects.filter(workspace=workspace).order_by("-pk")
        for field, value, company in latest.values_list("field", "value", "company_id")[:_LATEST]:
            if isinstance(value, str | int | float) and not is_internal(field) and not is_consent(field):
                text = str(value).lower() if isinstance(value, bool) else str(value)
                counts.setdefault(("company" if company else "lead", field), Counter())[text] += 1
        found = {name: _common(counter) for name, counter in counts.items()}
        cache.set(key, found, _LIVE_S)
    return found


def _common(counter: Counter[str]) -> tuple[str, ...]:
    several = [text for text, count in counter.most_common(_MOST_VALUES) if count > 1 and 0 < len(text) <= 60]
    return tuple(several)
