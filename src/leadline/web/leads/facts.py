"""Which value of a field holds, and why: the strongest source, then the latest, then the greatest text.

The rule is the engine's (`engine/reference/facts.py`), said here of the app's rows so that a page can name the fact that won and why
the others did not. tests/web/leads/test_facts.py holds it to the engine's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.timezone import localtime

from leadline.engine.reference.cells import as_written
from leadline.engine.values import is_missing
from leadline.web.leads.models import Company, Fact, Lead

COMPANY_LINK = "_company"
"""The field in which a lead's company is kept, by its id. Its sources are the rules of `LINK_RANK`."""
LINK_RANK = ("person", "group", "import")
"""Who names a lead's company, the strongest first: somebody by hand, a server's group, an import. Else its address does."""


def is_internal(field: str) -> bool:
    """Return whether a field is the app's own bookkeeping, which no playbook reads and no page shows."""
    return field.startswith("_")


@dataclass(frozen=True, slots=True)
class Loser:
    """A fact that does not hold, and why."""

    fact: Fact
    because: str


@dataclass(frozen=True, slots=True)
class FieldValue:
    """What holds of one field.

    value:   None when nothing holds, since whoever said something has withdrawn it.
    winner:  the fact that says so; because: why that one, as a sentence without its full stop.
    others:  what else was said, the strongest first.
    """

    field: str
    value: object
    winner: Fact | None
    because: str
    others: tuple[Loser, ...]


def text_of(fact: Fact) -> str:
    """Return a fact's value as the text by which ties are broken."""
    return as_written(fact.value)


def is_withdrawal(fact: Fact) -> bool:
    """Return whether a fact only takes back what its source had said."""
    return is_missing(text_of(fact))


def resolve(facts: Iterable[Fact], source_rank: Sequence[str] = ()) -> dict[str, Fact]:
    """Return the fact that holds, by field.

    The latest fact of each source speaks for it (of two at one moment, the greater text); an empty value withdraws what that source
    said. Then the strongest source wins, then the latest, then the greatest text.
    """
    rank = {source: place for place, source in enumerate(source_rank)}
    latest: dict[tuple[str, str], Fact] = {}
    for fact in facts:
        key = (fact.field, fact.source)
        rival = latest.get(key)
        if rival is None or (fact.known_at, text_of(fact)) > (rival.known_at, text_of(rival)):
            latest[key] = fact
    best: dict[str, tuple[tuple[int, object, str], Fact]] = {}
    for fact in latest.values():
        if is_withdrawal(fact):
            continue
        strength = (-rank.get(fact.source, len(rank)), fact.known_at, text_of(fact))
        if fact.field not in best or strength > best[fact.field][0]:
            best[fact.field] = (strength, fact)
    return {field: fact for field, (_, fact) in best.items()}


def field_values(subject: Lead | Company, source_rank: Sequence[str] = ()) -> list[FieldValue]:
    """Return what holds of every field of a lead or a company, with the reasons, by the names of the fields."""
    return value_history(subject.facts.all(), source_rank)


def value_history(facts: Iterable[Fact], source_rank: Sequence[str] = ()) -> list[FieldValue]:
    """Return what holds of every field that facts speak of, what else was said, and why it does not hold."""
    of_field: dict[str, list[Fact]] = {}
    for fact in facts:
        if not is_internal(fact.field):
            of_field.setdefault(fact.field, []).append(fact)
    return [_explain(field, of_field[field], source_rank) for field in sorted(of_field)]


def _explain(field: str, facts: Sequence[Fact], source_rank: Sequence[str]) -> FieldValue:
    rank = {source: place for place, source in enumerate(source_rank)}
    winner = resolve(facts, source_rank).get(field)
    latest = {
        source: max((one for one in facts if one.source == source), key=lambda one: (one.known_at, text_of(one)))
        for source in {fact.source for fact in facts}
    }

    def place(fact: Fact) -> int:
        return rank.get(fact.source, len(rank))

    def why_not(fact: Fact) -> str:
        newer = latest[fact.source]
        if newer is not fact:
            what = "withdrew it" if is_withdrawal(newer) else f"said {text_of(newer)!r}"
            return f"{fact.source} itself {what} on {localtime(newer.known_at):%-d %B %Y}"
        if is_withdrawal(fact) or winner is None:
            return f"{fact.source} withdrew what it had said"
        if place(fact) > place(winner):
            return f"{winner.source} is a stronger source"
        if fact.known_at < winner.known_at:
            return f"{winner.source} is as strong and said it later, on {localtime(winner.known_at):%-d %B %Y}"
        return "both were said at one moment by sources as strong: the greater text wins"

    others = sorted(
        (fact for fact in facts if fact is not winner),
        key=lambda one: (latest[one.source] is one, -place(one), one.known_at, text_of(one), one.pk or 0),
        reverse=True,
    )
    losers = tuple(Loser(fact, why_not(fact)) for fact in others)
    return FieldValue(field, winner.value if winner else None, winner, _why(winner, losers, latest, place), losers)


def _why(winner: Fact | None, losers: Sequence[Loser], latest: dict[str, Fact], place: object) -> str:
    """Return why a fact holds, against the strongest of those that do not."""
    if winner is None:
        return "everybody who said something has withdrawn it"
    name = f"{winner.source} of {localtime(winner.known_at):%-d %B %Y}"
    rivals = [
        loser for loser in losers if loser.fact.source != winner.source and latest[loser.fact.source] is loser.fact
    ]
    rivals = [loser for loser in rivals if not is_withdrawal(loser.fact)]
    if rivals:
        rival = rivals[0]
        assert callable(place)
        if place(rival.fact) > place(winner):
            return f"{name} wins over {rival.fact.source}: stronger source"
        if rival.fact.known_at < winner.known_at:
            return f"{name} wins over {rival.fact.source}: as strong, and later"
        return f"{name} wins over {rival.fact.source}: as strong and at the same moment, and the greater text"
    if any(loser.fact.source == winner.source for loser in losers):
        return f"{name} is the latest that {winner.source} said"
    return f"{name} is the only one who says so"
