"""Which value of a field holds: the strongest source, then the latest, then the greatest text."""

from collections.abc import Iterable, Mapping, Sequence

from leadline.engine.expressions.nodes import Value
from leadline.engine.reference.log import Fact


def resolve_facts(
    columns: Mapping[str, Value],
    facts: Iterable[Fact],
    *,
    until_us: int,
    source_rank: Sequence[str],
    as_known: bool = False,
) -> dict[str, Value]:
    """Return the value of every field that holds at *until_us*.

    Of the facts known by then, the latest of each source speaks for it (of two at one moment, the greater text); an
    empty value withdraws what that source said. Then the strongest source wins, then the latest, then the greatest
    text. A column ranks below all facts. With *as_known* a fact counts only when it had also been recorded by then.
    """
    rank = {source: place for place, source in enumerate(source_rank)}
    latest: dict[tuple[str, str], Fact] = {}
    for fact in facts:
        if (fact.from_us if as_known else fact.known_at_us) <= until_us:
            key = (fact.field, fact.source)
            rival = latest.get(key)
            if rival is None or (fact.known_at_us, fact.text) > (rival.known_at_us, rival.text):
                latest[key] = fact
    best: dict[str, tuple[tuple[int, int, str], Value]] = {}
    for fact in latest.values():
        if fact.value is None:
            continue
        strength = (-rank.get(fact.source, len(rank)), fact.known_at_us, fact.text)
        if fact.field not in best or strength > best[fact.field][0]:
            best[fact.field] = (strength, fact.value)
    return {**columns, **{name: value for name, (_, value) in best.items()}}
