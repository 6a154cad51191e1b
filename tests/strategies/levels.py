"""Adds to a drawn playbook all that concerns time: hand raises, quiet times, stages, and conditions that count ended spells."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st
from tests.strategies.conditions import EVENTS, OUTCOMES
from tests.strategies.playbooks import Draft, drafts

days = st.sampled_from(("1d", "2d", "3d", "7d", "2w"))

OFTEN: Mapping[str, Any] = {
    "id": "often",
    "enter": "active_days('*', '1d') = 1 or days_since_outcome('met') = 0",
    "hand_raise": ["left", "Größe"],
}
"""A level of which most leads have several spells: one for each stretch of days on which something happened."""


@st.composite
def time_drafts(draw: st.DrawFn) -> Draft:
    """Return a playbook with at least one qualification and all that concerns time."""
    draft = draw(drafts())
    tables_of = dict(draft.tables)
    levels = draw(_levels(draft))
    for level in levels:
        if draw(st.sampled_from((False, False, False, True))):
            counted = f"spells('{draw(st.sampled_from([one['id'] for one in levels]))}')"
            level["enter"] = f"({level['enter']}) and {counted} {draw(st.sampled_from(('< 1', '<> 1', '>= 1', '< 2')))}"
    tables_of |= {"qualifications": levels, "outcomes": draw(_outcomes(draft))}
    if draw(st.booleans()):
        tables_of["stages"] = [
            {"id": "lead"},
            {"id": "ready", "while": draw(st.sampled_from([one["id"] for one in levels]))},
            {"id": "deal", "since": "opportunity", "until": ["won", "lost"]},
            {"id": "mine", "since": "won", "until": ["churned"]},
        ]
    return Draft(tables_of)


@st.composite
def counting_drafts(draw: st.DrawFn) -> Draft:
    """Return a playbook of which some conditions ask how many spells have ended: of levels, criteria, exclusions, questions."""
    draft = draw(drafts())
    levels = [*draw(_levels(draft)), OFTEN]
    tables_of = {**draft.tables, "qualifications": levels, "outcomes": draw(_outcomes(draft))}
    criteria = [dict(entry) for entry in draft.tables["criteria"]]
    exclusions = [dict(entry) for entry in draft.tables["exclusions"]]
    personas = [dict(entry) for entry in draft.tables["personas"]]
    places: list[tuple[Any, str]] = [(level, "enter") for level in levels[:-1]]
    places += [(level, "stay") for level in levels[:-1] if level["stay"]]
    places += [(entry, "when") for entry in criteria if "when" in entry and "event" not in entry]
    places += [(entry, "when") for entry in (*exclusions, *personas)]
    counted = st.builds(
        lambda level, test: f"spells('{level}') {test}",
        st.sampled_from([*(level["id"] for level in levels), OFTEN["id"], OFTEN["id"]]),
        st.sampled_from(("< 1", ">= 1", "<> 1", "= 2", "between 1 and 3", "is not null")),
    )
    for place in draw(st.lists(st.integers(0, len(places) - 1), min_size=1, max_size=3, unique=True)):
        entry, key = places[place]
        entry[key] = f"({entry[key]}) {draw(st.sampled_from(('and', 'or')))} {draw(counted)}"
    return Draft({**tables_of, "criteria": criteria, "exclusions": exclusions, "personas": personas})


@st.composite
def _levels(draw: st.DrawFn, draft: Draft) -> list[dict[str, Any]]:
    """Return the qualifications of a playbook, with one that is in reach where there is none, and with raised hands."""
    levels = [dict(level) for level in draft.tables["qualifications"]]
    if not levels or draw(st.booleans()):
        bound = draw(st.sampled_from((0, 1, 5, 10, 15, 25)))
        score = draw(st.sampled_from(list(draft.tables["scores"])))
        stay = draw(st.sampled_from((None, f"{score} >= {bound - 4}", f"{score} > 0")))
        levels.append({"id": "level", "enter": f"{score} >= {bound}", "stay": stay})
    for level in levels:
        names = draw(st.lists(st.sampled_from(EVENTS), max_size=2, unique=True))
        level |= {
            "hand_raise": names or None,
            "hand_raise_stay": draw(st.one_of(st.none(), days)) if names else None,
            "cooldown": draw(st.one_of(st.none(), days)),
        }
    return levels


@st.composite
def _outcomes(draw: st.DrawFn, draft: Draft) -> dict[str, dict[str, Any]]:
    """Return the outcomes of a playbook with what follows from them."""
    wiped = st.lists(
        st.sampled_from([name for name in draft.tables["scores"] if name != "total"]), max_size=2, unique=True
    )
    reasons = [
        {
            "id": reason,
            "reset": draw(st.one_of(st.none(), wiped)),
            "quiet": draw(st.one_of(st.none(), days)),
            "returns": returns,
        }
        for reason, returns in (("vp", "hand_raise"), ("software", "never"), ("axb", "any"))
    ]
    outcomes = {name: dict(entry) for name, entry in draft.tables["outcomes"].items()}
    for name in draw(st.lists(st.sampled_from(OUTCOMES), max_size=4, unique=True)):
        outcomes.setdefault(name, {})
        outcomes[name] |= {
            "quiet": draw(st.one_of(st.none(), days)),
            "ends": draw(st.one_of(st.none(), st.booleans())),
        }
    outcomes[draw(st.sampled_from(sorted(outcomes)))]["reasons"] = reasons
    return outcomes
