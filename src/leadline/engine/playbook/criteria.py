"""Reads one criterion of a playbook.toml.

Which kind it is, one key says: `event`, `inactive_for`, `choose`, or else `when`.
"""

from decimal import Decimal
from typing import Any, cast

from leadline.engine.arithmetic import MAX_DURATION_DAYS, Decay, HalfLife, Linear, NoDecay, Step
from leadline.engine.playbook.clauses import read_clause
from leadline.engine.playbook.model import (
    PERS,
    AnyCriterion,
    Choice,
    EventCriterion,
    FactCriterion,
    InactivityCriterion,
    Limit,
    Per,
)
from leadline.engine.playbook.table import MAX_POINTS, Table, read_each

_KINDS = {
    "event": ("when", "points", "decay", "within", "limit", "min", "max"),
    "inactive_for": ("points", "activity", "min", "max"),
    "choose": (),
    "when": ("points",),
}
MAX_FADE_DAYS = {"half_life": 3_650, "linear": MAX_DURATION_DAYS, "step": MAX_DURATION_DAYS}
"""How slowly points may fade, so that tables of weights stay small."""
_OF_EVENTS = ("decay", "within", "limit", "min", "max", "activity")


def read_criterion(table: Table) -> AnyCriterion | None:
    """Return the criterion in *table*, or None when it cannot be read; then the problems are noted."""
    kind = _kind(table)
    common: dict[str, Any] = {
        "id": table.id(),
        "score": table.text("score", required=True, words="the score that it adds to"),
        "why": table.text("why"),
        "source": table.text("source"),
        "line": table.line,
    }
    if common["why"] is None:
        if not table.has("why"):
            table.note(
                "missing-key",
                "'why' is missing: the reason in one sentence, shown beside the points.",
                severity="warning",
            )
        common["why"] = common["id"]
    item: AnyCriterion | None = None
    match kind:
        case "event":
            item = _event(table, common)
        case "inactive_for":
            item = _inactivity(table, common)
        case "choose":
            item = _choose(table, common)
        case "when":
            item = _plain(table, common)
    return item if common["id"] and common["score"] else None


def _kind(table: Table) -> str | None:
    kind = next((key for key in _KINDS if table.has(key)), None)
    for keys in _KINDS.values():
        for key in keys:
            table.has(key)
    if kind is None:
        table.note("missing-key", "a criterion needs 'when', 'choose', 'event' or 'inactive_for'.")
        return None
    for key in ("when", "choose", "inactive_for", "points", *_OF_EVENTS):
        if key != kind and key not in _KINDS[kind] and key in table.values:
            table.note("conflicting-keys", f"'{key}' does not go with '{kind}'.{_hint(kind, key)}", key)
    return kind


def _hint(kind: str, key: str) -> str:
    if kind == "when" and key in _OF_EVENTS:
        return " It belongs to criteria on events; name the event."
    if kind == "choose" and key == "points":
        return " Each entry of 'choose' has its own points."
    return ""


def _plain(table: Table, common: dict[str, Any]) -> FactCriterion | None:
    when = read_clause(table, "when", "facts", required=True)
    points = table.units("points", bound=MAX_POINTS, required=True)
    return FactCriterion(choices=(Choice(when, points),), **common) if when and points is not None else None


def _choose(table: Table, common: dict[str, Any]) -> FactCriterion | None:
    def entry(one: Table) -> Choice | None:
        when = read_clause(one, "when", "facts", required=True)
        points = one.units("points", bound=MAX_POINTS, required=True)
        source = one.text("source")
        return Choice(when, points, source) if when and points is not None else None

    entries = table.tables("choose")
    if not entries:
        table.note("bad-value", "'choose' takes a list of { when = …, points = … }.", "choose")
    return FactCriterion(choices=read_each(entries, entry), is_choose=True, **common) if entries else None


def _event(table: Table, common: dict[str, Any]) -> EventCriterion | None:
    events = table.texts("event", required=True, or_one=True)
    points = table.number("points", MAX_POINTS, required=True)
    low, high = _bounds(table)
    criterion: dict[str, Any] = {
        "events": events,
        "when": read_clause(table, "when", "event", events) if events else None,
        "decay": _decay(table),
        "within_days": table.days("within"),
        "limit": _limit(table),
        "low": low,
        "high": high,
    }
    return EventCriterion(points=points, **criterion, **common) if events and points is not None else None


def _inactivity(table: Table, common: dict[str, Any]) -> InactivityCriterion | None:
    every = table.days("inactive_for", required=True)
    points = table.units("points", bound=MAX_POINTS, required=True)
    low, high = _bounds(table)
    activity = table.texts("activity", required=True, or_one=True) if table.has("activity") else None
    if every is None or points is None:
        return None
    return InactivityCriterion(every_days=every, points=points, activity=activity, low=low, high=high, **common)


def _bounds(table: Table) -> tuple[int | None, int | None]:
    low, high = table.units("min"), table.units("max")
    if low is not None and high is not None and low > high:
        table.note("bad-value", "'min' is above 'max'.", "min")
    return low, high


def _limit(table: Table) -> Limit | None:
    limit = table.table("limit", words='a table such as { count = 1, per = "day" }')
    if limit is None:
        return None
    count = limit.whole("count", 1, 1_000_000, required=True)
    if not limit.has("per"):
        limit.note("missing-key", f"'per' is missing: one of {', '.join(PERS)}.")
    per = limit.choice("per", PERS, "day")
    limit.finish()
    return Limit(count, cast(Per, per)) if count else None


def _decay(table: Table) -> Decay:
    if isinstance(table.values.get("decay"), str):
        if table.values["decay"] != "none":
            table.note("bad-value", '\'decay\' is "none" or a table such as { half_life = "14d" }.', "decay")
        return NoDecay()
    decay = table.table("decay", words='"none" or a table such as { half_life = "14d" }')
    if decay is None:
        return NoDecay()
    written = [key for key in ("half_life", "linear", "step") if decay.has(key)]
    if len(written) != 1:
        decay.note("bad-value", "takes exactly one of 'half_life', 'linear' and 'step'.")
    found: Decay = NoDecay()
    for key in written[:1]:
        if key == "step":
            found = _step(decay)
        else:
            days = decay.days(key)
            if days and days > MAX_FADE_DAYS[key]:
                decay.note("bad-value", f"'{key}' is at most {MAX_FADE_DAYS[key]} days.", key)
                days = None
            found = (HalfLife(days) if key == "half_life" else Linear(days)) if days else NoDecay()
    decay.finish()
    return found


def _step(decay: Table) -> Decay:
    step = decay.table("step", words='a table such as { drop = 0.15, every = "45d" }')
    if step is None:
        return NoDecay()
    drop, every = step.number("drop", 1, required=True), step.days("every", required=True)
    if drop is not None and drop <= 0:
        step.note("bad-value", "'drop' is a share above 0, at most 1: 0.15 is 15 %.", "drop")
        drop = None
    if drop is not None and every is not None and every * (Decimal(1) / drop) > MAX_FADE_DAYS["step"]:
        step.note("bad-value", f"this fades for more than {MAX_FADE_DAYS['step']} days.", "drop")
        drop = None
    step.finish()
    return Step(drop, every) if drop is not None and every is not None else NoDecay()
