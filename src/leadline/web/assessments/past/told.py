"""A comparison over the past as values that JSON knows: numbers, and the sentences that `comparison.words` makes of them."""

from dataclasses import replace
from typing import Any

from leadline.engine.calendar import date_text
from leadline.engine.comparison import words
from leadline.engine.comparison.model import QualificationChange, Telling, WhatIf, Workload


def told_of(found: WhatIf) -> dict[str, Any]:
    """Return all of it that is nobody's: who enters and leaves, the weeks, what became of them."""
    old, new = found.workload["old"], found.workload["new"]
    return {
        "leads": found.leads,
        "horizon_days": found.horizon_days,
        "seen_until": date_text(found.seen_until),
        "unseen": list(found.unseen),
        "not_used": list(found.not_used),
        "in_short": words.in_short(found),
        "caution": words.CAUTION if found.outcomes else "",
        "handed_over": list(new.qualifications),
        "weeks": [
            {"monday": date_text(one.monday), "old": before.handoffs, "new": one.handoffs}
            for before, one in zip(old.weeks, new.weeks, strict=True)
        ],
        "work": {"old": _work(old), "new": _work(new)},
        "qualifications": [_change(one, found.horizon_days) for one in found.qualifications],
    }


def named_of(found: WhatIf) -> dict[str, list[dict[str, Any]]]:
    """Return the leads that tell most, for and against the new version, each with what it shows and why."""
    titles = {one.id: one.title for one in found.qualifications}
    return {
        way: [_telling(one, titles[one.qualification]) for one in found.telling if one.way == way]
        for way in ("for", "against")
    }


def _work(load: Workload) -> dict[str, Any]:
    return {
        "total": load.total,
        "a_week": words.say_rate(load.a_week),
        "most": load.most,
        "weeks_over": load.weeks_over,
        "most_waiting": load.most_waiting,
    }


def _change(change: QualificationChange, horizon_days: int) -> dict[str, Any]:
    added, removed = change.of("added"), change.of("removed")
    return {
        "id": change.id,
        "title": change.title,
        "only_in": change.only_in,
        "old": change.old_leads,
        "new": change.new_leads,
        "added": change.added,
        "removed": change.removed,
        "earlier": change.earlier,
        "later": change.later,
        "same": change.same,
        "outcomes": [
            {
                "outcome": one.outcome,
                "added": words.say_share(added.get(one.outcome).share),
                "removed": words.say_share(removed.get(one.outcome).share),
                "difference": words.say_difference(one),
            }
            for one in reversed(change.differences)
        ],
        "maturity": [
            f"Followed of the {group.group}: {words.say_maturity(group, horizon_days)}."
            for group in (added, removed)
            if group.leads > group.mature
        ],
        "winners": list(words.say_winners(change)),
    }


def _telling(one: Telling, title: str) -> dict[str, Any]:
    return {
        "lead_id": int(one.lead_id),
        "qualification": one.qualification,
        "said": words.say_telling(replace(one, qualification=title)),
        "why": words.say_why(one),
        "is_winner": one.is_winner,
    }
