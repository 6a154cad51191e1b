"""Whom to call first: who asked to be called, then the best of those that wait for sales."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from leadline.web.assessments.models import Assessment, Spell
from leadline.web.leads.models import Event, Lead
from leadline.web.pages.playbook_words import Named, PlaybookWords, say_id
from leadline.web.pages.today.week import Week
from leadline.web.playbooks.models import Version

MOST = 8
_LOOKED_AT = 200
_REASONS = 2
_NOT_SHOWN = ("contributions", "scores", "coverage", "answers", "held", "qualifications", "next_step")
"""What makes an assessment large."""


@dataclass(frozen=True, slots=True)
class First:
    """A lead to call.

    asked, asked_at: its last hand raise of the last seven days, if there was one.
    reasons: the criteria that gave the most points. cools_day: when its qualification ends if nothing more happens.
    """

    lead: Lead
    qualification: Named
    grade: Named | None
    grade_text: str
    asked: str
    asked_at: datetime | None
    reasons: list[str]
    cools_day: int | None


def first_to_call(version: Version, words: PlaybookWords, week: Week) -> list[First]:
    """Return those that wait for sales, the most urgent first.

    Who waits: whose spell in a qualification that goes to sales is open, and whose stage is that qualification's, so that nobody has
    accepted it, made an opportunity of it or won it yet. Hand raises of the last seven days come first, the latest of them at the top;
    then those with the most points in the scores that make the grade.
    """
    levels = qualifications_for_sales(words)
    stages = [one.id for one in words.playbook.stages if one.while_ in levels]
    asked = _asked(version, words, levels, week)
    best = _assessments(version, stages or None, list(asked)) if asked else []
    best += [one for one in _assessments(version, stages or None) if one.lead_id not in asked]
    spells = _open_spells(version, levels, [one.lead_id for one in best])
    waiting = [one for one in best if one.lead_id in spells]
    waiting.sort(key=lambda one: _urgency(one, asked.get(one.lead_id)))
    return [_first(words, one, spells[one.lead_id], asked.get(one.lead_id)) for one in waiting[:MOST]]


def qualifications_for_sales(words: PlaybookWords) -> tuple[str, ...]:
    """Return the qualifications that are handed to sales; all where the playbook does not say."""
    handoff = words.playbook.handoff
    return handoff.qualifications if handoff else tuple(one.id for one in words.playbook.qualifications)


def _assessments(version: Version, stages: Sequence[str] | None, leads: Sequence[int] = ()) -> list[Assessment]:
    rows = Assessment.objects.filter(version=version, excluded_by="", lead__merged_into=None, lead__is_known=True)
    rows = rows.filter(lead__in=leads) if leads else rows.filter(is_qualified=True)
    if stages is not None:
        rows = rows.filter(stage__in=stages)
    return list(rows.select_related("lead__company").defer(*_NOT_SHOWN).order_by("-rank", "lead")[:_LOOKED_AT])


def _open_spells(version: Version, levels: Sequence[str], leads: Sequence[int]) -> dict[int, Spell]:
    """Return for each lead the open spell that began last."""
    rows = Spell.objects.filter(version=version, qualification__in=levels, ended_at=None, lead__in=leads)
    return {one.lead_id: one for one in rows.order_by("began_at", "pk")}


def _asked(version: Version, words: PlaybookWords, levels: Sequence[str], week: Week) -> dict[int, Event]:
    """Return for each known person who raised a hand in the last seven days the last time that they did."""
    names = {name for one in words.playbook.qualifications if one.id in levels for name in one.hand_raise}
    rows = Event.objects.filter(workspace=version.workspace_id, name__in=names, is_bot=False, lead__is_known=True)
    rows = rows.filter(occurred_at__gte=week.since, occurred_at__lte=week.now, kind__in=Event.BEHAVIOUR)
    latest = rows.only("lead_id", "name", "occurred_at").order_by("-occurred_at", "-pk")[:_LOOKED_AT]
    return {one.lead_id: one for one in reversed(latest)}


def _urgency(assessment: Assessment, asked: Event | None) -> tuple[bool, float, int, int]:
    return (asked is None, -asked.occurred_at.timestamp() if asked else 0.0, -assessment.rank, assessment.lead_id)


def _first(words: PlaybookWords, assessment: Assessment, spell: Spell, asked: Event | None) -> First:
    return First(
        assessment.lead,
        words.qualification(spell.qualification),
        words.grade(assessment.grade) if assessment.grade else None,
        words.say_grade(assessment.grade),
        say_id(asked.name) if asked else "",
        asked.occurred_at if asked else None,
        words.reasons(assessment.reasons)[:_REASONS],
        spell.cools_day,
    )
