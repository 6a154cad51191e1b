"""Which outcomes and reasons can be reported: those that the live playbook knows, so that a slip of the pen is not taken for news.

Imports and the API ask here before they write; the queue offers nothing else. tests/web/playbooks/test_outcome_words.py guards it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from leadline.engine.expressions.vocabulary import BUILT_IN_OUTCOMES
from leadline.engine.problems import suggest
from leadline.web.accounts.models import Workspace
from leadline.web.playbooks.queries import find_live, get_plan


@dataclass(frozen=True, slots=True)
class OutcomeFault:
    """A word that cannot be reported: the outcome or its reason, and what is said of it."""

    where: Literal["outcome", "reason"]
    text: str


@dataclass(frozen=True, slots=True)
class OutcomeWords:
    """What can be reported.

    outcomes: the names; None where everything can, since no playbook is live.
    reasons:  by outcome, where the playbook gives any; of the others any reason can be reported.
    """

    outcomes: tuple[str, ...] | None = None
    reasons: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def find_fault(self, outcome: str, reason: str = "") -> OutcomeFault | None:
        """Return what is wrong with an outcome and its reason ("" for none); None where they can be reported.

        >>> OutcomeWords(("won", "lost")).find_fault("wonn").text
        "The playbook knows no outcome 'wonn'. Did you mean 'won'?"
        """
        if self.outcomes is None:
            return None
        if outcome not in self.outcomes:
            text = f"The playbook knows no outcome '{outcome[:40]}'.{suggest(outcome, self.outcomes)}"
            return OutcomeFault("outcome", text)
        reasons = self.reasons.get(outcome, ())
        if reason and reasons and reason not in reasons:
            text = f"The playbook gives no reason '{reason[:40]}' for {outcome}.{suggest(reason, reasons)}"
            return OutcomeFault("reason", text)
        return None


def find_outcome_words(workspace: Workspace | int) -> OutcomeWords:
    """Return what the live playbook of a workspace lets be reported."""
    live = find_live(workspace)
    if live is None:
        return OutcomeWords()
    own = get_plan(live).playbook.outcomes
    names = dict.fromkeys((*BUILT_IN_OUTCOMES, *(one.id for one in own)))
    return OutcomeWords(tuple(names), {one.id: tuple(reason.id for reason in one.reasons) for one in own})
