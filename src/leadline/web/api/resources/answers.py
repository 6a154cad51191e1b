"""What people answered to the playbook's questions, such as BANT: what holds, who said so, and answering in the name of a member."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from ninja import Path, Router, Schema

from leadline.engine.playbook.model import Question
from leadline.engine.problems import suggest
from leadline.web.api.given import Id
from leadline.web.api.handoff_given import AnswerIn
from leadline.web.api.problems import Fault
from leadline.web.api.resources.asking import get_standing, get_version
from leadline.web.api.resources.members import get_worker
from leadline.web.api.resources.writing import Written, refuse, written
from leadline.web.api.service import Needs
from leadline.web.api.shapes import FactOut, fact_of
from leadline.web.assessments.models import Assessment
from leadline.web.flow import rank_of_sources
from leadline.web.leads.facts import FieldValue, field_values
from leadline.web.pages.lead_page.actions import add_answer
from leadline.web.playbooks.queries import get_plan

router = Router(tags=["Answers"])


class AnswerOut(Schema):
    """A question of the live playbook and its answer.

    `answer` is `yes`, `partly`, `no` or `unknown` as of the last assessment. `said` is what somebody answered, which wins; null:
    `answer` is what the playbook infers.
    """

    question: str
    ask: str
    answer: str
    said: FactOut | None


@router.get("/leads/{lead_id}/answers", response=list[AnswerOut], url_name="api-lead-answers", auth=Needs("leads:read"))
def list_answers(request: HttpRequest, lead_id: Path[Id]) -> Any:
    """List the questions of the live playbook with their answers. `/facts?field=questions.…` has all that was ever answered."""
    lead, version = get_standing(request, lead_id), get_version(request)
    stored = Assessment.objects.filter(version=version, lead=lead).first()
    answers: Mapping[str, str] = stored.answers if stored else {}
    said = {one.field: one for one in field_values(lead, rank_of_sources(lead.workspace_id))}
    questions = get_plan(version).playbook.questions
    return [_answer_of(one, answers.get(one.id, "unknown"), said.get(f"questions.{one.id}")) for one in questions]


@router.post("/leads/{lead_id}/answers", response=Written, url_name="api-lead-answers", auth=Needs("leads:write"))
def answer_question(request: HttpRequest, lead_id: Path[Id], given: AnswerIn) -> Any:
    """Note what somebody answered, or take it back (`null`). It wins over what the playbook infers; the lead is assessed anew."""
    lead = get_standing(request, lead_id)
    known = [one.id for one in get_plan(get_version(request)).playbook.questions]
    if given.question not in known:
        detail = f"The live playbook has no question {given.question[:60]!r}.{suggest(given.question[:60], known)}"
        refuse([Fault(pointer="/question", code="unknown-question", detail=detail)])
    recorded = add_answer(
        lead,
        question=given.question,
        answer=given.answer or "",
        evidence=given.evidence,
        by=get_worker(request, given.by, "/by").user.email,
        source_rank=tuple(rank_of_sources(lead.workspace_id)),
    )
    return written(recorded)


def _answer_of(question: Question, answer: str, said: FieldValue | None) -> dict[str, Any]:
    fact = None if said is None or said.winner is None or said.value is None else fact_of(said.winner)
    return {"question": question.id, "ask": question.ask, "answer": answer, "said": fact}
