"""Withdrawing what people answered, and putting it back. Both are words in the log: nothing that was said goes away."""

from datetime import datetime

from django.db import transaction

from leadline.web.leads.models import Lead
from leadline.web.leads.turn import take_turn
from leadline.web.pages.lead_page.actions import add_answer
from leadline.web.pages.questions.words import last_words


class NothingToDoError(Exception):
    """There is no answer to withdraw, or none to put back; the message says so to people."""


def withdraw_answer(
    lead: Lead,
    *,
    question: str,
    by: str,
    source_rank: tuple[str, ...] = (),
    now: datetime | None = None,
) -> None:
    """Withdraw what people answered to a question, so that the playbook infers again.

    Raises:
        NothingToDoError: no answer of a person stands.
    """
    with transaction.atomic():
        take_turn(lead.workspace_id)
        if not last_words(lead, question).stands:
            raise NothingToDoError("No answer of a person stands, so there is nothing to withdraw.")
        add_answer(lead, question=question, answer="", evidence="", by=by, source_rank=source_rank, now=now)


def restore_answer(
    lead: Lead,
    *,
    question: str,
    by: str,
    source_rank: tuple[str, ...] = (),
    now: datetime | None = None,
) -> str:
    """Put back the answer that was withdrawn last, with its evidence, as the word of who puts it back; return the answer.

    Raises:
        NothingToDoError: nothing was withdrawn, or somebody has answered since.
    """
    with transaction.atomic():
        take_turn(lead.workspace_id)
        withdrawn = last_words(lead, question).withdrawn
        if withdrawn is None:
            raise NothingToDoError("Nothing is withdrawn there now, so there is nothing to put back.")
        answer = str(withdrawn.value)
        add_answer(
            lead,
            question=question,
            answer=answer,
            evidence=withdrawn.evidence,
            by=by,
            source_rank=source_rank,
            now=now,
        )
    return answer
