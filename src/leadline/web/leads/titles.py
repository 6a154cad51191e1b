"""What a job title says: a seniority and a function, each only when the title says so.

`title_table.toml` is the reviewed table; a workspace's own rules come before it. A title that neither knows stays unknown: nobody
guesses. tests/web/leads/titles.txt is what some 370 titles have to be read as.

What follows from titles is never stored (`derive_from_titles`): a changed rule or a better table holds at once for the past as well,
and nothing has to be corrected.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from leadline.web.accounts.models import Workspace
from leadline.web.leads.facts import text_of
from leadline.web.leads.models import Fact, TitleRule
from leadline.web.leads.title_table import SENIORITIES, YIELDING, Entry, Table, load_table
from leadline.web.leads.title_words import find_words, split_title, words_of

FIELDS = ("seniority", "function")
_MOST_EVIDENCE = 1000
_MOST_CHARACTERS = 300
"""Of a title that is read: what is longer is a text about something else."""


class Rule(Protocol):
    """A workspace's word on titles, such as a `TitleRule`: where its words stand side by side, this is what the title says."""

    pattern: str
    seniority: str
    function: str


@dataclass(frozen=True, slots=True)
class Title:
    """What a title says; empty texts where it says nothing. because: which entries said it, in words."""

    seniority: str = ""
    function: str = ""
    because: str = ""


@dataclass(frozen=True, slots=True)
class _Said:
    """One entry that was found in a title: where, and what it says of one thing."""

    at: int
    value: str
    pattern: str


def read_title(text: str, rules: Iterable[Rule] = ()) -> Title:
    """Return what a title says, by the rules first and then by the table.

    >>> read_title("Executive Assistant to the CEO")
    Title(seniority='specialist', function='administration', because='“executive assistant” is specialist, administration')
    >>> read_title("VP, Sales & Marketing").seniority, read_title("VP, Sales & Marketing").function
    ('vp', 'sales')
    """
    text = text[:_MOST_CHARACTERS]
    by_table = _read_by_table(text)
    own = find_rule_words(text, rules)
    if not own:
        return by_table
    seniority = next((rule.seniority for rule in own if rule.seniority), "")
    function = next((rule.function for rule in own if rule.function), "")
    because = "; ".join(
        f"your rule “{rule.pattern}” says {' and '.join(one for one in (rule.seniority, rule.function) if one)}"
        for rule in own
        if (rule.seniority and rule.seniority == seniority) or (rule.function and rule.function == function)
    )
    if (by_table.seniority and not seniority) or (by_table.function and not function):
        because += f"; else: {by_table.because}"
    return Title(seniority or by_table.seniority, function or by_table.function, because)


def find_title_rules(workspace: Workspace | int) -> list[TitleRule]:
    """Return a workspace's rules on titles, by their pattern."""
    return list(TitleRule.objects.filter(workspace=workspace).order_by("pattern"))


def derive_from_titles(facts: Sequence[Fact], rules: Iterable[Rule] = ()) -> list[Fact]:
    """Return the facts on seniority and function that the titles among some facts say. They are not saved.

    facts: of one lead or of many; those on other fields than title, seniority and function do not matter.

    What a title says, its source says: a derived fact has the title's source, time and lead, so that of several titles the one counts
    that counts as a title. A source that says a seniority itself is not read for it. A title that says nothing withdraws what an
    earlier title of the same source said.
    """
    rules = list(rules)
    titles = [fact for fact in facts if fact.field == "title" and fact.lead_id is not None]
    said_itself = {(fact.lead_id, fact.source, fact.field) for fact in facts if fact.field in FIELDS}
    derived: list[Fact] = []
    for fact in _last_of_each_moment(titles):
        title = read_title(fact.value, rules) if isinstance(fact.value, str) else Title()
        for field, value in zip(FIELDS, (title.seniority, title.function), strict=True):
            if (fact.lead_id, fact.source, field) not in said_itself:
                derived.append(_derive(fact, field, value, title))
    return derived


def find_rule_words(text: str, rules: Iterable[Rule]) -> list[Rule]:
    """Return the rules whose words stand in a title, those with the most words first."""
    words = words_of(text)
    found = [(pattern, rule) for rule in rules if (pattern := words_of(rule.pattern)) and find_words(words, pattern)]
    return [rule for _, rule in sorted(found, key=lambda one: (-len(one[0]), -sum(map(len, one[0])), one[0]))]


@lru_cache(maxsize=20_000)
def _read_by_table(text: str) -> Title:
    """Read a title by the table. Titles repeat: the answers to the last ones are kept."""
    table = load_table()
    said = [_match(role, table) for role in split_title(text, table.breaks)]
    seniority = _choose_seniority([one for found, _ in said for one in found])
    function = _choose_function([one for _, found in said for one in found])
    parts: dict[str, list[str]] = {}
    for one in (seniority, function):
        if one is not None and one.value:
            parts.setdefault(one.pattern, []).append(one.value)
    because = "; ".join(f"“{pattern}” is {', '.join(values)}" for pattern, values in parts.items())
    return Title(seniority.value if seniority else "", function.value if function else "", because)


def _match(words: Sequence[str], table: Table) -> tuple[list[_Said], list[_Said]]:
    """Return what the entries say of one role: of its seniority, and of its function.

    The most telling entries come first, and what one reads is read by no other of the same kind. What a longer entry reads as a
    seniority is no function of a shorter one: "vice president" leaves no "president" in either.
    """
    seniorities: list[tuple[Entry, tuple[int, ...]]] = []
    functions: list[tuple[Entry, tuple[int, ...]]] = []
    for entry, places in _find_entries(words, table):
        taken = set(places)
        if entry.seniority is not None and any(taken & set(others) for _, others in seniorities):
            continue
        if entry.function is not None and any(
            [
                *(taken & set(others) for _, others in functions),
                *(taken < set(others) for longer, others in seniorities if longer is not entry),
            ]
        ):
            continue
        if entry.seniority is not None:
            seniorities.append((entry, places))
        if entry.function is not None:
            functions.append((entry, places))
    return (
        [_Said(places[0], entry.seniority, entry.said) for entry, places in seniorities if entry.seniority],
        [_Said(places[0], entry.function, entry.said) for entry, places in functions if entry.function],
    )


def _find_entries(words: Sequence[str], table: Table) -> list[tuple[Entry, tuple[int, ...]]]:
    """Return every entry that stands in a role with the places of its words: most words first, then the longest."""
    found = [
        (entry, places)
        for at, word in enumerate(words)
        for entry in table.starting_with(word)
        if (places := entry.match(words, at)) is not None
    ]
    return sorted(
        found,
        key=lambda one: (-len(one[1]), one[0].has_gap, not one[0].is_role, -one[0].weight, one[1], one[0].pattern),
    )


def _choose_seniority(said: Sequence[_Said]) -> _Said | None:
    """Return the seniority that counts: student and intern before all others, then the highest."""
    return min(said, key=lambda one: (SENIORITIES.index(one.value), one.at), default=None)


def _choose_function(said: Sequence[_Said]) -> _Said | None:
    """Return the function that counts: the first, and those that give way only where there is no other."""
    return next((one for one in sorted(said, key=lambda one: (one.value in YIELDING, one.at))), None)


def _last_of_each_moment(titles: Sequence[Fact]) -> list[Fact]:
    """Return one title for each lead, source and moment: as a field's value does, the greatest text wins."""
    best: dict[tuple[object, ...], Fact] = {}
    for fact in titles:
        key = (fact.lead_id, fact.source, fact.known_at)
        if key not in best or text_of(fact) > text_of(best[key]):
            best[key] = fact
    return list(best.values())


def _derive(fact: Fact, field: str, value: str, title: Title) -> Fact:
    because = f"title “{fact.value}”: {title.because}" if value else f"title “{fact.value or ''}” does not say it"
    return Fact(
        workspace_id=fact.workspace_id,
        lead_id=fact.lead_id,
        first_lead_id=fact.first_lead_id,
        field=field,
        value=value or None,
        known_at=fact.known_at,
        recorded_at=fact.recorded_at,
        source=fact.source,
        evidence=because[:_MOST_EVIDENCE],
        by=fact.by,
        origin=fact.origin,
    )
