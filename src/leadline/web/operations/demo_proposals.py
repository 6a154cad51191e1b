"""What the demo has of proposals: an approver for each side, and one that sales has still to approve, with its what-if and a comment.

Guarded by tests/web/operations/test_demo.py.
"""

from django.utils import timezone

from leadline.web.accounts import actions as accounts
from leadline.web.accounts.models import Membership, User, Workspace
from leadline.web.assessments.whatif.actions import ask
from leadline.web.flow import proposals_changed
from leadline.web.playbooks.drafts import begin_draft, save_draft
from leadline.web.playbooks.models import Draft
from leadline.web.playbooks.proposals.actions import approve, comment, put_forward
from leadline.web.playbooks.proposals.rules import Text
from leadline.web.playbooks.queries import find_live

TITLE = "Coming to our stand counts less"
_POINTS = ('event = "booth_visited"\npoints = 20', 'event = "booth_visited"\npoints = 12')
_CASES = (("20 × (1 − 0.15 × 2) = 14,", "12 × (1 − 0.15 × 2) = 8.4,"), ("engagement = 14.9057", "engagement = 9.3057"))
"""What the cases say of it changes with it."""


def name_approvers(workspace: Workspace) -> None:
    """Let Tom approve for marketing, and Ines for sales."""
    for short, side in (("tom", "marketing"), ("ines", "sales")):
        member = Membership.objects.get(workspace=workspace, user__email__startswith=f"{short}@")
        accounts.name_approver(member, marketing=side == "marketing", sales=side == "sales")


def propose(workspace: Workspace) -> None:
    """Put a draft forward, where none was yet: marketing approved it, and a rep asks something. The worker finds out what would change."""
    live = find_live(workspace)
    if live is None or Draft.objects.filter(workspace=workspace, name=TITLE).exists():
        return
    people = {one.email.partition("@")[0]: one for one in User.objects.filter(memberships__workspace=workspace)}
    tom, omar = people["tom"], people["omar"]
    draft = begin_draft(workspace, name=TITLE, version=live, by=tom)
    cases = live.cases
    for before, after in _CASES:
        cases = cases.replace(before, after)
    draft = save_draft(draft, revision=1, by=tom, toml=live.toml.replace(*_POINTS), cases=cases)
    ask(draft, by=tom, now=timezone.now())
    why = "Of those whom a fair brought alone, sales sends back more than of anybody else."
    proposal = put_forward(draft, revision=draft.revision, title=TITLE, why=why, by=tom, tell=proposals_changed)
    digest = Text(draft.toml, draft.cases).digest
    approve(proposal, "marketing", digest=digest, base_number=live.number, by=tom, tell=proposals_changed)
    comment(
        proposal,
        "Fine with me. Does anybody drop out whom we are talking to?",
        by=omar,
        tell=proposals_changed,
    )
