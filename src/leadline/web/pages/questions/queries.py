"""Reads of questions: what is answered about a lead now, who said it, what would be inferred, and what to ask next.

Computed by the reference from the log at the moment of asking, so that an answer shows at once, before the lead is assessed again.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from leadline.engine.calendar import instant_of
from leadline.engine.explanation.explain import explain_questions
from leadline.engine.explanation.model import QuestionExplanation
from leadline.engine.lifecycle.history import reads_spells
from leadline.engine.lifecycle.kept_out import kept_out
from leadline.engine.next_question import ANSWERS, NextQuestion, next_best_question
from leadline.engine.reference.assess import assess
from leadline.engine.reference.log import LeadLog
from leadline.web.assessments.logs import read_logs_of
from leadline.web.assessments.models import Spell
from leadline.web.leads.facts import is_withdrawal, resolve
from leadline.web.leads.models import Fact, Lead
from leadline.web.pages.questions.words import field_of, last_words_of
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import get_plan

_COLOURS = {"yes": "ok", "partly": "warn", "no": "bad"}
_MOST_WORDS = 50
"""So many words of a question's history are shown, the latest."""


@dataclass(frozen=True, slots=True)
class Word:
    """One answer, or one withdrawal, as somebody said it. holds: whether it is the one that holds now."""

    fact: Fact
    is_withdrawal: bool
    holds: bool

    @property
    def by(self) -> str:
        """Who said it: a person where one is known, else the source."""
        return self.fact.by or self.fact.source


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedQuestion:
    """A question about a lead.

    now:       the answer, and where it comes from.
    said:      the word that holds, where somebody answered.
    inferred:  what would be the answer without anybody's word, where somebody answered.
    history:   what was ever said, the latest first.
    may_withdraw: whether an answer of a person stands. withdrawn: the answer that can be put back.
    """

    now: QuestionExplanation
    said: Word | None
    inferred: QuestionExplanation | None
    history: tuple[Word, ...]
    may_withdraw: bool
    withdrawn: Fact | None

    @property
    def colour(self) -> str:
        """The class of the colour of the answer."""
        return _COLOURS.get(self.now.answer, "quiet")


@dataclass(frozen=True, slots=True)
class Questions:
    """The playbook's questions about a lead.

    ask_next: the one whose answer could change most; None where no answer changes anything, or the lead was given back and is kept out of
              every qualification: then nobody is to ask.
    """

    asked: tuple[AskedQuestion, ...]
    ask_next: NextQuestion | None
    answers: tuple[str, ...] = ANSWERS


def questions_of(
    lead: Lead,
    version: Version,
    now: datetime,
    *,
    log: LeadLog | None = None,
    spells: Sequence[Spell] | None = None,
) -> Questions | None:
    """Return the questions of a version about a lead at a moment; None where it asks none, or the lead may not be scored.

    *log*, *spells*: all of the lead under this version, where they were read already.
    """
    compiled = get_plan(version)
    if not compiled.playbook.questions:
        return None
    log = log or next(iter(read_logs_of(compiled, [lead.pk])), None)
    if log is None:
        return None
    moment = compiled.zone.moment(instant_of(now))
    spells = list(Spell.objects.filter(version=version, lead=lead)) if spells is None else spells
    ended = _ended_before(now, spells) if reads_spells(compiled.bound) else None
    found = assess(compiled.bound, log, moment, ended_spells=ended)
    if not found.has_consent:
        return None
    facts = _facts_of(lead, [one.id for one in compiled.playbook.questions])
    alone: dict[str, QuestionExplanation] = {}
    if facts:
        unsaid = assess(compiled.bound, _without(log, set(facts)), moment, ended_spells=ended)
        alone = {one.id: one for one in explain_questions(compiled.bound, unsaid)}
    asked = tuple(
        _asked(one, alone.get(one.id), facts.get(field_of(one.id), []), now, compiled.playbook.source_rank)
        for one in explain_questions(compiled.bound, found)
    )
    is_open = [one.qualification for one in spells if one.ended_at is None]
    kept = kept_out(compiled.playbook, log, moment)
    ask_next = None
    if is_open or not kept or any(level.id not in kept for level in compiled.playbook.qualifications):
        ask_next = next_best_question(
            compiled.bound, log, moment, assessment=found, open_spells=is_open, ended_spells=ended
        )
    return Questions(asked, ask_next)


def _asked(
    question: QuestionExplanation,
    alone: QuestionExplanation | None,
    facts: Sequence[Fact],
    now: datetime,
    source_rank: Sequence[str],
) -> AskedQuestion:
    known = [one for one in facts if one.known_at <= now]
    holding = resolve(known, source_rank).get(field_of(question.id))
    history = tuple(Word(one, is_withdrawal(one), one is holding) for one in facts[:_MOST_WORDS])
    last = last_words_of(known)
    return AskedQuestion(
        now=question,
        said=None if holding is None else Word(holding, is_withdrawal=False, holds=True),
        inferred=None if holding is None else alone,
        history=history,
        may_withdraw=last.stands is not None,
        withdrawn=last.withdrawn,
    )


def _facts_of(lead: Lead, questions: Sequence[str]) -> dict[str, list[Fact]]:
    """Return what was ever said to questions, by field, the latest first. Of all facts, which the lead's page has read already."""
    found: dict[str, list[Fact]] = {}
    fields = {field_of(one) for one in questions}
    for fact in sorted(lead.facts.all(), key=lambda one: (one.known_at, one.pk), reverse=True):
        if fact.field in fields:
            found.setdefault(fact.field, []).append(fact)
    return found


def _without(log: LeadLog, fields: set[str]) -> LeadLog:
    return replace(log, facts=tuple(one for one in log.facts if one.field not in fields))


def _ended_before(now: datetime, spells: Sequence[Spell]) -> dict[str, int]:
    return Counter(one.qualification for one in spells if one.ended_at is not None and one.ended_at < now)
