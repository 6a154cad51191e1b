"""Filters of these pages."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone

from leadline.web.assessments.models import Spell
from leadline.web.leads.models import Lead
from leadline.web.pages import playbook_words
from leadline.web.pages.lead_page.explaining import Explained
from leadline.web.pages.lead_page.standing import Standing, standings_of
from leadline.web.pages.leads_list.queries import ListedLead
from leadline.web.pages.playbook_words import PlaybookWords
from leadline.web.shell.templatetags.shell import ago

register = template.Library()
_NEAR = 300


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
def stage(stage_id: str, words: PlaybookWords) -> str:
    """Return the title of a stage."""
    return words.stage(stage_id).title if stage_id else ""


@register.filter
def outcome(outcome_id: str, words: PlaybookWords | str) -> str:
    """Return the title of an outcome; without a playbook, its name as words."""
    return words.outcome(outcome_id) if isinstance(words, PlaybookWords) else playbook_words.say_id(outcome_id)


@register.filter
def because(text: str, words: PlaybookWords) -> str:
    """Return why a lead moved from stage to stage, in the playbook's words."""
    return words.say_because(text)


@register.simple_tag
def standings(words: PlaybookWords, explained: Explained | None, spells: list[Spell]) -> tuple[Standing, ...]:
    """Return how a lead stands with each qualification; nothing where nothing is explained."""
    return () if explained is None else standings_of(words.playbook, explained.levels, spells)


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
def due(moment: datetime | None) -> str:
    """Return how far ahead a promised answer is, or how late: ``in 2 h``, ``3 d late``."""
    if moment is None:
        return ""
    text = ago(moment)
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
