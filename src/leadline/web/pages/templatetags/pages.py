"""Filters of these pages."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone

from leadline.engine.expressions.words import say_name
from leadline.engine.playbook.model import Reason
from leadline.engine.playbook.outcome_words import what_always_follows, what_follows
from leadline.web.assessments.models import Spell
from leadline.web.handoff.actions.deciding import Decision
from leadline.web.leads.mending import find_put_right
from leadline.web.leads.models import Lead, Outcome
from leadline.web.pages import playbook_words
from leadline.web.pages.lead_page.explaining import Explained
from leadline.web.pages.lead_page.standing import Standing, standings_of
from leadline.web.pages.leads_list.queries import ListedLead
from leadline.web.pages.phones import dialled
from leadline.web.pages.playbook_words import PlaybookWords
from leadline.web.shell.templatetags.shell import ago

register = template.Library()
_NEAR = 300
_IN_HOURS = 48 * 3_600


@register.filter
def short(title: str) -> str:
    """Return what stands before a colon in a title."""
    return playbook_words.short(title)


@register.filter
def said(name: str) -> str:
    """Return a name of a source or an event as words."""
    return playbook_words.say_id(str(name))


@register.filter
def titled(level_id: str, words: PlaybookWords) -> str:
    """Return the title of a qualification."""
    return words.qualification(level_id).title


@register.filter
def next_step(stored: str, words: PlaybookWords) -> str:
    """Return the next step of an assessment with the title of its qualification."""
    return words.next_step(stored)


@register.filter
def stage(stage_id: str, words: PlaybookWords) -> str:
    """Return the title of a stage."""
    return words.stage(stage_id).title if stage_id else ""


@register.filter
def outcome(outcome_id: str, words: PlaybookWords | str) -> str:
    """Return the title of an outcome; without a playbook, its name as words."""
    return words.outcome(outcome_id) if isinstance(words, PlaybookWords) else playbook_words.say_id(outcome_id)


@register.filter
def reason(words: PlaybookWords | str, of: Spell | Outcome) -> str:
    """Return the title of the reason for which an outcome was reported, or a spell ended."""
    if not isinstance(words, PlaybookWords):
        return playbook_words.say_id(of.reason)
    return words.reason(of.outcome, of.reason)


@register.filter
def put_right(outcome: Outcome) -> str:
    """Return the field that was put right where that reinstated a lead."""
    return say_name(find_put_right(outcome))


@register.filter
def follows(decision: Decision, reason: Reason | None = None) -> str:
    """Return in a line what follows a decision for whatever reason; of a reason, the rest of what follows it."""
    always = what_always_follows(decision.outcome)
    return "; ".join(
        always if reason is None else [one for one in what_follows(decision.outcome, reason) if one not in always]
    )


@register.filter
def because(text: str, words: PlaybookWords) -> str:
    """Return why a lead moved from stage to stage, in the playbook's words."""
    return words.say_because(text)


@register.simple_tag
def standings(words: PlaybookWords, explained: Explained | None, spells: list[Spell]) -> tuple[Standing, ...]:
    """Return how a lead stands with each qualification; nothing where nothing is explained."""
    return () if explained is None else standings_of(words.playbook, explained.levels, spells, explained.kept)


@register.filter
def fact_value(value: Any) -> str:
    """Return the value of a fact as people read it."""
    match value:
        case None | "":
            return "withdrawn"
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(map(str, value))
        case _:
            return str(value)


@register.filter
def touch(values: Mapping[str, str]) -> str:
    """Return where somebody came from, in a line: ``google / cpc / brand-de``, else the referrer, else the page."""
    named = [values[name] for name in ("source", "medium", "campaign") if values.get(name)]
    return " / ".join(named) or values.get("referrer", "") or values.get("page", "") or ", ".join(values.values())


@register.filter
def tel(phone: str) -> str:
    """Return the address that dials a phone number; empty for a text that is none."""
    return dialled(phone)


@register.filter
def due(moment: datetime | None) -> str:
    """Return how far ahead a promised answer is, or how late, in hours up to two days: ``in 46 h``, ``3 d late``."""
    if moment is None:
        return ""
    size = abs((timezone.now() - moment).total_seconds())
    text = ago(moment)
    if 86_400 <= size < _IN_HOURS:
        text = f"in {int(size // 3_600)} h" if text.startswith("in ") else f"{int(size // 3_600)} h ago"
    return text.replace(" ago", " late") if text.endswith(" ago") else text.replace("now", "due now")


@register.filter
def column(lead: Lead, name: str) -> Any:
    """Return a column of a lead."""
    return getattr(lead, name)


@register.filter
def fact_of(row: ListedLead, name: str) -> Any:
    """Return what holds of a field of a lead of a list; None when nothing does."""
    return row.known.fact(row.lead, name)


@register.filter
def short_day(number: int) -> str:
    """Return a day number (days since 1970) as a short date, with its year where that is more than ten months away."""
    found = date(1970, 1, 1) + timedelta(days=number)
    return f"{found.day} {found:%b}" + (f" {found.year}" if abs((found - timezone.localdate()).days) > _NEAR else "")
