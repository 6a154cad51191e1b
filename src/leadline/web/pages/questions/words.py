"""What people last said to a question: the answer that stands, or the one that was withdrawn last."""

from collections.abc import Iterable
from dataclasses import dataclass

from leadline.web.leads.facts import is_withdrawal, text_of
from leadline.web.leads.mending import BY_HAND
from leadline.web.leads.models import Fact, Lead


@dataclass(frozen=True, slots=True)
class LastWords:
    """What people said last. stands: the answer that nobody withdrew. withdrawn: the answer that was withdrawn; of the two one at most."""

    stands: Fact | None = None
    withdrawn: Fact | None = None


def field_of(question: str) -> str:
    """Return the field in which answers to a question are kept."""
    return f"questions.{question}"


def last_words(lead: Lead, question: str) -> LastWords:
    """Return what people last said to a question about a lead."""
    return last_words_of(Fact.objects.filter(lead=lead, field=field_of(question)))


def last_words_of(facts: Iterable[Fact]) -> LastWords:
    """Return what people last said, of the facts of one question."""
    said = sorted(
        (one for one in facts if one.source == BY_HAND), key=lambda one: (one.known_at, text_of(one)), reverse=True
    )
    answers = (one for one in said if not is_withdrawal(one))
    if not said:
        return LastWords()
    return LastWords(withdrawn=next(answers, None)) if is_withdrawal(said[0]) else LastWords(stands=said[0])
