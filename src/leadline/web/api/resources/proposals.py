"""Proposals to change the playbook, in the name of members: put forward, comment, approve, publish.

Approving has a scope of its own, so that a key that publishes from git cannot approve what it publishes.
"""

from collections.abc import Callable
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Query, Router, Status
from pydantic import Field

from leadline.engine.problems import ProblemsError
from leadline.web.accounts.models import Membership, User
from leadline.web.accounts.roles import EDITORS, Role, name_roles
from leadline.web.api.gate import key_of
from leadline.web.api.handoff_given import ByIn
from leadline.web.api.paging import page_of
from leadline.web.api.problems import Fault, ProblemError, missing
from leadline.web.api.proposal_shapes import (
    ApprovalIn,
    ChangesIn,
    CommentIn,
    ProposalDetail,
    ProposalIn,
    ProposalPage,
    ProposalQuery,
    PublicationIn,
    WithdrawalIn,
    detail_of,
    proposal_of,
)
from leadline.web.api.resources.asking import workspace_of
from leadline.web.api.resources.members import get_worker
from leadline.web.api.resources.playbooks import fault_of, text_of_file
from leadline.web.api.service import Needs
from leadline.web.api.shapes import VersionOut, version_of
from leadline.web.flow import proposals_changed
from leadline.web.playbooks.actions import CasesFailedError, SamePlaybookError
from leadline.web.playbooks.drafts import StaleDraftError, begin_draft, publish_draft
from leadline.web.playbooks.models import Proposal
from leadline.web.playbooks.proposals import actions
from leadline.web.playbooks.proposals.publishing import ApprovalNeededError
from leadline.web.playbooks.proposals.queries import find_proposal, proposals_of

router = Router(tags=["Proposals"])
Number = Annotated[int, Field(ge=1, le=2**31 - 1)]


@router.get("/proposals", response=ProposalPage, url_name="api-proposals", auth=Needs("playbooks:read"))
def list_proposals(request: HttpRequest, query: Query[ProposalQuery]) -> Any:
    """List proposals, the first one first. Every published version names one."""
    rows = proposals_of(workspace_of(request)).order_by("number")
    if query.state is not None:
        rows = rows.filter(state=query.state)
    return page_of(
        request,
        rows,
        lambda some: [proposal_of(one) for one in some],
        limit=query.limit,
        cursor=query.cursor,
        key="number",
    )


@router.post("/proposals", response={201: ProposalDetail}, url_name="api-proposals", auth=Needs("playbooks:write"))
def put_proposal_forward(request: HttpRequest, given: ProposalIn) -> Any:
    """Put a text forward: a draft is begun with it, and both sides can look at it."""
    member = _editor(request, given)
    toml, cases = text_of_file(given.toml), text_of_file(given.cases)
    draft = begin_draft(member.workspace, name=given.title, toml=toml, cases=cases, by=member.user)
    try:
        made = actions.put_forward(
            draft,
            revision=1,
            title=given.title,
            why=given.why,
            by=member.user,
            via=_via(request),
            tell=proposals_changed,
        )
    except actions.NotPossibleError as error:
        draft.delete()
        raise ProblemError(status=409, code="same-playbook", detail=str(error)) from None
    return Status(201, detail_of(_get(request, made.number)))


@router.get("/proposals/{number}", response=ProposalDetail, url_name="api-proposal", auth=Needs("playbooks:read"))
def show_proposal(request: HttpRequest, number: Path[Number]) -> Any:
    """Show a proposal with its text, how it stands, and all that happened to it."""
    return detail_of(_get(request, number))


@router.post(
    "/proposals/{number}/comments",
    response=ProposalDetail,
    url_name="api-proposal-comments",
    auth=Needs("playbooks:write"),
)
def comment_on_proposal(request: HttpRequest, number: Path[Number], given: CommentIn) -> Any:
    """Say something on it."""
    return _act(request, number, given, actions.comment, text=given.text)


@router.post(
    "/proposals/{number}/approval",
    response=ProposalDetail,
    url_name="api-proposal-approval",
    auth=Needs("proposals:approve"),
)
def approve_proposal(request: HttpRequest, number: Path[Number], given: ApprovalIn) -> Any:
    """Approve exactly the text that was read, for a side, in the name of somebody who is named to approve for it."""
    said = {name: getattr(given, name) for name in ("side", "digest", "base_number", "text")}
    return _act(request, number, given, actions.approve, **said)


@router.post(
    "/proposals/{number}/changes",
    response=ProposalDetail,
    url_name="api-proposal-changes",
    auth=Needs("proposals:approve"),
)
def ask_for_changes(request: HttpRequest, number: Path[Number], given: ChangesIn) -> Any:
    """Ask for changes of exactly the text that was read; it is not published before that is settled."""
    said = {name: getattr(given, name) for name in ("side", "digest", "text")}
    return _act(request, number, given, actions.ask_for_changes, **said)


@router.post(
    "/proposals/{number}/take-back",
    response=ProposalDetail,
    url_name="api-proposal-take-back",
    auth=Needs("proposals:approve"),
)
def take_approval_back(request: HttpRequest, number: Path[Number], given: ByIn) -> Any:
    """Take back what somebody approved or asked for."""
    return _act(request, number, given, actions.take_back)


@router.post(
    "/proposals/{number}/withdraw",
    response=ProposalDetail,
    url_name="api-proposal-withdraw",
    auth=Needs("playbooks:write"),
)
def withdraw_proposal(request: HttpRequest, number: Path[Number], given: WithdrawalIn) -> Any:
    """Withdraw it. Its draft stays in the app."""
    _get(request, number)
    _editor(request, given)
    return _act(request, number, given, actions.withdraw, text=given.text)


@router.post(
    "/proposals/{number}/publish",
    response={201: VersionOut},
    url_name="api-proposal-publish",
    auth=Needs("playbooks:write"),
)
def publish_proposal(request: HttpRequest, number: Path[Number], given: PublicationIn) -> Any:
    """Publish it, once both sides have approved its text. It goes live when everybody has been assessed by it."""
    found = _get(request, number)
    member = _editor(request, given)
    draft = found.draft
    if found.state != Proposal.State.OPEN or draft is None:
        raise _changed(request, number, f"The proposal was {found.get_state_display().lower()}.")
    try:
        version = publish_draft(
            draft, revision=draft.revision, note=given.note or found.why, by=member.user, tell=proposals_changed
        )
    except ApprovalNeededError as error:
        raise ProblemError(status=409, code="approval-needed", detail=str(error), also=_now(request, number)) from None
    except StaleDraftError:
        raise _changed(request, number, "Somebody changed or published it at the same moment.") from None
    except SamePlaybookError as error:
        raise ProblemError(status=409, code="same-playbook", detail=str(error)) from None
    except (ProblemsError, CasesFailedError) as error:
        faults = [fault_of(one) for one in error.problems] if isinstance(error, ProblemsError) else []
        detail = "The playbook or its cases cannot be used, so nothing was published."
        raise ProblemError(status=422, code="playbook-unusable", detail=detail, errors=faults) from None
    return Status(201, version_of(version))


# -- acting -----------------------------------------------------------------------------------------------------------


def _act(request: HttpRequest, number: int, given: ByIn, act: Callable[..., Any], **said: Any) -> dict[str, Any]:
    """Act in the name of a member, and return the proposal as it is then.

    Raises:
        ProblemError: there is no such proposal or member; somebody was faster (409); it cannot be done (422).
    """
    found, user = _get(request, number), _worker(request, given)
    try:
        act(found, **said, by=user, via=_via(request), tell=proposals_changed)
    except actions.ChangedError as error:
        raise _changed(request, number, str(error)) from None
    except actions.NotApproverError as error:
        fault = Fault(pointer="/by", code="no-approver", detail=str(error).replace("You do", "This person does", 1))
        detail = "Something in the request cannot be used."
        raise ProblemError(status=422, code="invalid", detail=detail, errors=[fault]) from None
    except actions.NotPossibleError as error:
        raise ProblemError(status=422, code="not-possible", detail=str(error)) from None
    return detail_of(_get(request, number))


def _get(request: HttpRequest, number: int) -> Proposal:
    found = find_proposal(workspace_of(request), number)
    if found is None:
        raise missing("proposal")
    return found


def _worker(request: HttpRequest, given: ByIn) -> User:
    user: User = get_worker(request, given.by, "/by").user
    return user


def _editor(request: HttpRequest, given: ByIn) -> Membership:
    found = get_worker(request, given.by, "/by")
    if found.role not in EDITORS:
        detail = f"This is for {name_roles(EDITORS)} only; the role of this person is {Role(found.role).label}."
        fault = Fault(pointer="/by", code="wrong-role", detail=detail)
        raise ProblemError(
            status=422, code="invalid", detail="Something in the request cannot be used.", errors=[fault]
        )
    return found


def _via(request: HttpRequest) -> str:
    return f"the API key {key_of(request).name}"


def _now(request: HttpRequest, number: int) -> dict[str, Any]:
    shown = ProposalDetail.model_validate(detail_of(_get(request, number)))
    return {"proposal": shown.model_dump(mode="json")}


def _changed(request: HttpRequest, number: int, detail: str) -> ProblemError:
    return ProblemError(status=409, code="changed", detail=detail, also=_now(request, number))
