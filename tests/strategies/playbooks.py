"""Draws whole playbooks as TOML: every kind of criterion, every decay, limit and bound, and what reads them.

A drawn playbook is bound without problems: ids are distinct, grades can be reached, sums have no circles.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from tests.strategies.conditions import (
    EVENTS,
    GRADES,
    LISTS,
    OUTCOMES,
    QUESTIONS,
    SCORES,
    durations,
    event_conditions,
    fact_conditions,
    level_conditions,
)

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia")
PERS = ("day", "week", "month", "quarter", "year", "ever")
points = st.sampled_from((10, 5, -5, 1, 2.5, -7.25, 0.3333, 20, -20, 0, 0.0001))
bounds = st.sampled_from((None, None, 0, 10, -10, 3.5, 25, -30))


@dataclass(frozen=True)
class Draft:
    """A playbook as nested tables, before it is written; what the data cannot show is declared last."""

    tables: Mapping[str, Any]
    fields: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    events: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def to_toml(self) -> str:
        """Return the playbook as a file."""
        everything = {**self.tables, "fields": self.fields, "events": self.events}
        return "\n".join(_section(name, value) for name, value in everything.items() if value)


def _section(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(f"[[{name}]]\n{_lines(entry)}" for entry in value)
    if all(isinstance(entry, dict) for entry in value.values()):
        return "\n".join(f"[{name}.{_toml(key)}]\n{_lines(entry)}" for key, entry in value.items())
    return f"[{name}]\n{_lines(value)}"


def _lines(table: Mapping[str, Any]) -> str:
    return "".join(f"{_toml(key)} = {_toml(value)}\n" for key, value in table.items() if value is not None)


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return (
            "{ "
            + ", ".join(f"{_toml(key)} = {_toml(entry)}" for key, entry in value.items() if entry is not None)
            + " }"
        )
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_toml(entry) for entry in value) + "]"
    return json.dumps(value, ensure_ascii=False)


@st.composite
def held(draw: st.DrawFn) -> dict[str, Any]:
    """Return a minimum and a maximum, in order."""
    low, high = draw(bounds), draw(bounds)
    if low is not None and high is not None:
        low, high = min(low, high), max(low, high)
    return {"min": low, "max": high}


@st.composite
def scores(draw: st.DrawFn, is_sum: bool) -> dict[str, Any]:
    """Return a score, with grades that can be reached."""
    score = draw(held())
    if is_sum:
        score["sum_of"] = draw(st.lists(st.sampled_from(SCORES[:-1]), min_size=1, max_size=3, unique=True))
    low = -40 if score["min"] is None else score["min"]
    high = 60 if score["max"] is None else score["max"]
    steps = sorted({least for least in (-20, -5, 0.5, 2, 5, 9.9999, 10, 25, 50) if low < least <= high}, reverse=True)
    if draw(st.booleans()) and steps:
        chosen = sorted(draw(st.sets(st.sampled_from(steps), min_size=1, max_size=4)), reverse=True)
        score["grades"] = dict(zip(GRADES, chosen, strict=False))
    return score


decays = st.one_of(
    st.none(),
    durations.map(lambda days: {"half_life": days}),
    durations.map(lambda days: {"linear": days}),
    st.builds(
        lambda drop, every: {"step": {"drop": drop, "every": every}}, st.sampled_from((0.15, 0.5, 1, 0.3333)), durations
    ),
)
limits = st.one_of(
    st.none(),
    st.builds(lambda count, per: {"count": count, "per": per}, st.sampled_from((1, 2, 3)), st.sampled_from(PERS)),
)
event_names = st.lists(st.sampled_from(EVENTS), min_size=1, max_size=3, unique=True)


@st.composite
def criteria(draw: st.DrawFn) -> dict[str, Any]:
    """Return a criterion without its id and score."""
    match draw(st.sampled_from(("event", "event", "event", "when", "choose", "inactive_for"))):
        case "event":
            names = draw(event_names)
            return {
                "event": names[0] if len(names) == 1 else names,
                "when": draw(st.one_of(st.none(), event_conditions)),
                "points": draw(points),
                "decay": draw(decays),
                "within": draw(st.one_of(st.none(), durations)),
                "limit": draw(limits),
                **draw(held()),
            }
        case "when":
            return {"when": draw(fact_conditions), "points": draw(points)}
        case "choose":
            entry = st.builds(lambda when, worth: {"when": when, "points": worth}, fact_conditions, points)
            return {"choose": draw(st.lists(entry, min_size=1, max_size=3))}
        case _:
            return {
                "inactive_for": draw(durations),
                "points": draw(points),
                "activity": draw(st.one_of(st.none(), event_names)),
                **draw(held()),
            }


def _numbered(word: str, entries: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"id": f"{word}{number}", **entry} for number, entry in enumerate(entries, start=1)]


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    """Return a playbook that reads the names of conditions.py."""
    names = list(SCORES[: draw(st.integers(1, 3))])
    found = {name: draw(scores(False)) for name in names}
    if draw(st.booleans()):
        found["total"] = draw(scores(True))
        found["total"]["sum_of"] = [part for part in found["total"]["sum_of"] if part in names] or names[:1]
    graded = {name: tuple(score.get("grades", {})) for name, score in found.items()}
    grade = draw(st.lists(st.sampled_from(sorted(graded)), max_size=2, unique=True))
    own = st.sampled_from(names)
    criterion = st.builds(lambda score, rest: {"score": score, "why": "because", **rest}, own, criteria())
    named = fact_conditions.map(lambda when: {"when": when})
    criteria_drawn = draw(st.lists(criterion, min_size=1, max_size=5))
    if not any(
        "event" in entry and entry["points"] > 0 for entry in criteria_drawn
    ):  # then nothing is activity by itself
        criteria_drawn = [
            {**entry, "activity": ["viewed"]} if "inactive_for" in entry else entry for entry in criteria_drawn
        ]
    asked = {name: draw(questions()) for name in QUESTIONS[: draw(st.sampled_from((0, 0, 1, 2)))]}
    levels = level_conditions(graded, tuple(asked))
    qualification = st.builds(lambda enter, stay: {"enter": enter, "stay": stay}, levels, st.one_of(st.none(), levels))
    reset = st.builds(lambda event, score: {"event": event, "scores": [score]}, st.sampled_from(EVENTS), own)
    wiped = draw(st.sets(st.sampled_from(OUTCOMES), max_size=2))
    head = {
        "name": "drawn",
        "timezone": draw(st.sampled_from(ZONES)),
        "grade": [name for name in grade if graded[name]] or None,
        "needs_consent": draw(st.sampled_from((None,) * 9 + (True,))),
    }
    return Draft(
        {
            "playbook": head,
            "sources": {"rank": draw(st.sampled_from((["person", "crm"], ["crm"], ["Person"])))},
            "lists": {name: list(entries) for name, entries in LISTS.items()},
            "scores": found,
            "criteria": _numbered("c", criteria_drawn),
            "resets": draw(st.lists(reset, max_size=2)) if draw(st.booleans()) else [],
            "questions": asked,
            "personas": _numbered("p", draw(st.lists(named, max_size=2))),
            "exclusions": _numbered("x", draw(st.sampled_from((0, 0, 0, 1))) * [draw(named)]),
            "qualifications": _numbered("q", draw(st.lists(qualification, max_size=2))),
            "outcomes": {
                name: {"reset": [draw(own)] if name in wiped else [], "reasons": draw(reasons(own)) or None}
                for name in sorted({"met", *wiped})
            },
        }
    )


@st.composite
def reasons(draw: st.DrawFn, own: st.SearchStrategy[str]) -> list[dict[str, Any]]:
    """Return reasons of an outcome that wipe what it wipes, other scores, or nothing; their ids stand in logs in other letters too."""
    ids = draw(st.lists(st.sampled_from(("vp", "STRASSE", "software", "AxB")), max_size=3, unique=True))
    wiped = st.lists(own, max_size=2, unique=True)
    return [{"id": name, "reset": draw(st.one_of(st.none(), wiped))} for name in ids]


@st.composite
def questions(draw: st.DrawFn) -> dict[str, Any]:
    """Return a question with some of its conditions."""
    some = st.one_of(st.none(), fact_conditions)
    return {"ask": "really?", "yes": draw(some), "partly": draw(some), "no": draw(some)}
