"""Consent and lawful basis: whether we may contact a person, and whether we may score them. Words are appended, never changed.

Each word is a fact, ``consent.contact`` or ``consent.scoring``, with the value yes or no. Its evidence says on which lawful basis, how we
know, and what the person was shown. A playbook with ``needs_consent = true`` scores only those whose ``consent.scoring`` is yes.

The latest word counts, whoever says it, and of two words of one moment the no. Other facts are weighed by their source first; here a
withdrawal by mail would then be outranked by an older yes that a sales rep had entered. So whoever reads a log takes all words as of one
source (`words_of_one_source`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import models, transaction
from django.utils import timezone

from leadline.engine.playbook.model import CONSENT_WORDS
from leadline.engine.values import text_key
from leadline.web.accounts.models import User
from leadline.web.leads.facts import text_of
from leadline.web.leads.models import Fact, Lead
from leadline.web.leads.records import NewFact, record_facts
from leadline.web.leads.turn import take_turn

PREFIX = "consent."
SOURCE = "person"
"""Who says what is entered here, as a playbook's `[sources] rank` names it."""
MOST_SHOWN = 600
MOST_HOW = 200
ONE_SOURCE = "consent"
"""The source that a playbook sees behind every word."""


class Purpose(models.TextChoices):
    """What a person's data may be used for."""

    CONTACT = "contact", "Contact them"
    SCORING = "scoring", "Score them"


class Basis(models.TextChoices):
    """The lawful bases of Article 6 (1) GDPR."""

    CONSENT = "consent", "Consent"
    CONTRACT = "contract", "Contract, or steps before one"
    LEGAL_OBLIGATION = "legal_obligation", "Legal obligation"
    VITAL_INTERESTS = "vital_interests", "Vital interests"
    PUBLIC_TASK = "public_task", "Public task"
    LEGITIMATE_INTEREST = "legitimate_interest", "Legitimate interest"


@dataclass(frozen=True, slots=True)
class Word:
    """One word on a purpose: given or withdrawn, from when on, by whom, and why we believe it."""

    purpose: str
    is_given: bool
    known_at: datetime
    recorded_at: datetime
    source: str
    by: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds for a purpose now: the last word (None when there is none), and all words, the latest first."""

    purpose: Purpose
    last: Word | None
    history: tuple[Word, ...]

    @property
    def is_given(self) -> bool:
        """Whether there is a basis."""
        return self.last is not None and self.last.is_given


def give_consent(
    lead: Lead,
    purpose: Purpose | str,
    *,
    basis: Basis | str,
    how: str,
    text: str = "",
    by: User | None = None,
    now: datetime | None = None,
) -> None:
    """Record that there is a lawful basis for a purpose. Whoever was left unscored for want of it is assessed anew.

    how:  how we know: a form, a contract, a call. text: what the person was shown or told, word for word.
    """
    shown = f" Shown: “{_one_line(text, MOST_SHOWN)}”" if text.strip() else ""
    evidence = f"{Basis(basis).label}. How: {_one_line(how, MOST_HOW)}.{shown}"
    _say(lead, Purpose(purpose), "yes", evidence, by=by, now=now)


def withdraw_consent(
    lead: Lead, purpose: Purpose | str, *, how: str = "", by: User | None = None, now: datetime | None = None
) -> None:
    """Record that the person said no: to contact, or to be scored. What was said before stays in the history."""
    evidence = f"Withdrawn. How: {_one_line(how, MOST_HOW)}." if how.strip() else "Withdrawn."
    _say(lead, Purpose(purpose), "no", evidence, by=by, now=now)


def consent_history(lead: Lead) -> list[Standing]:
    """Return for each purpose what holds and everything that was said, the latest first."""
    facts = list(Fact.objects.filter(lead=lead, field__startswith=PREFIX))
    facts.sort(key=lambda fact: (fact.known_at, not is_yes(fact), fact.recorded_at, fact.pk), reverse=True)
    standings = []
    for purpose in Purpose:
        words = tuple(_word(fact, purpose) for fact in facts if fact.field == PREFIX + purpose)
        standings.append(Standing(purpose, words[0] if words else None, words))
    return standings


def is_consent(field: str) -> bool:
    """Return whether a field is a word on consent."""
    return field.startswith(PREFIX)


def words_of_one_source(facts: Iterable[Fact]) -> list[Fact]:
    """Return the words among some facts as a playbook is to see them: of one source, one a moment. They are not saved.

    The latest then counts by itself. Of several words of one moment a no is left, whoever said it.
    """
    best: dict[tuple[object, ...], Fact] = {}
    for fact in facts:
        if is_consent(fact.field):
            key = (fact.lead_id, fact.field, fact.known_at)
            if key not in best or (is_yes(best[key]) and not is_yes(fact)):
                best[key] = fact
    return [
        Fact(
            lead_id=fact.lead_id,
            field=fact.field,
            value="yes" if is_yes(fact) else "no",
            known_at=fact.known_at,
            recorded_at=fact.recorded_at,
            source=ONE_SOURCE,
        )
        for fact in best.values()
    ]


def is_yes(fact: Fact) -> bool:
    """Return whether a word is a yes, as the engine reads it. What was taken back is none."""
    return text_key(text_of(fact)) in CONSENT_WORDS


def _say(lead: Lead, purpose: Purpose, value: str, evidence: str, *, by: User | None, now: datetime | None) -> None:
    now = now or timezone.now()
    word = NewFact(
        field=PREFIX + purpose,
        value=value,
        known_at=now,
        source=SOURCE,
        lead_id=lead.pk,
        evidence=evidence,
        by=by.email if by else "",
    )
    with transaction.atomic():
        take_turn(lead.workspace_id)
        record_facts(lead.workspace, [word], now=now)


def _word(fact: Fact, purpose: Purpose) -> Word:
    return Word(purpose, is_yes(fact), fact.known_at, fact.recorded_at, fact.source, fact.by, fact.evidence)


def _one_line(text: str, most: int) -> str:
    """Return a text in one line, without the full stop at its end, of at most so many characters: forms refuse longer ones."""
    return " ".join(text.split()).rstrip(".")[:most]
