"""Which version of the playbook withdrew a hand-off, and which ones a text would withdraw if it were published now.

What a text would withdraw is asked of the leads of open hand-offs only: they are few. tests/web/handoff/test_withdrawn.py guards the first,
tests/web/pages/whatif/test_withdrawing.py the second.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from leadline.engine.calendar import instant_of
from leadline.web.assessments.assess import TROUBLE_OF_THE_STORE
from leadline.web.assessments.logs import read_logs_of
from leadline.web.assessments.whatif.seen import see_leads
from leadline.web.handoff.models import HandOff, Step
from leadline.web.handoff.urgency import with_urgency
from leadline.web.playbooks.queries import Compiled

log = logging.getLogger("leadline.handoff")
MOST = 500
"""Hand-offs that are looked at, the most urgent first: about a second of work."""
_AT_ONCE = 100


def with_withdrawing(handoffs: QuerySet[HandOff]) -> QuerySet[HandOff]:
    """Return hand-offs with *withdrawn_by*: the number of the version that withdrew each; None where none did."""
    steps = Step.objects.filter(handoff=OuterRef("pk"), kind=Step.Kind.WITHDRAWN).order_by("-pk")
    number = Cast(KeyTextTransform("version", "said"), IntegerField())
    return handoffs.annotate(withdrawn_by=Subquery(steps.values_list(number)[:1]))


def withdrawn_by(handoff: HandOff) -> int | None:
    """Return what `with_withdrawing` read of a hand-off; None where it did not read it."""
    number: int | None = getattr(handoff, "withdrawn_by", None)
    return number


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawing:
    """What a text would do to the hand-offs that are open now, the most urgent first.

    looked_at: how many were looked at. is_all: whether those are all that are open. waiting: would be withdrawn. claimed: are being worked,
    and would lose the reason why.
    """

    looked_at: int
    is_all: bool
    waiting: Sequence[HandOff]
    claimed: Sequence[HandOff]


def find_withdrawing(workspace_id: int, after: Compiled, *, now: datetime) -> Withdrawing | None:
    """Return which open hand-offs would be withdrawn, or lose their reason, if a text were published now; None where it cannot be told.

    Who is worked and is not qualified any more already loses nothing.
    """
    rows = HandOff.objects.filter(
        workspace=workspace_id, state__in=HandOff.OPEN, cooled_at=None, lead__merged_into=None
    )
    rows = with_urgency(rows.select_related("lead__company", "owner", "team"), now)
    found = list(rows[: MOST + 1])
    looked_at = found[:MOST]
    try:
        held = _held(after, sorted({one.lead_id for one in looked_at}), now)
    except TROUBLE_OF_THE_STORE:
        raise
    except Exception:
        log.exception("What a text would withdraw cannot be found out")
        return None
    lost = [one for one in looked_at if (one.lead_id, one.qualification) not in held]
    return Withdrawing(
        looked_at=len(looked_at),
        is_all=len(found) <= MOST,
        waiting=[one for one in lost if one.state == HandOff.State.WAITING],
        claimed=[one for one in lost if one.state == HandOff.State.CLAIMED],
    )


def _held(after: Compiled, lead_ids: Sequence[int], now: datetime) -> set[tuple[int, str]]:
    """Return of some leads what a text hands to sales: lead and qualification."""
    sold = after.playbook.handoff.qualifications if after.playbook.handoff else ()
    as_of, held = after.zone.moment(instant_of(now)), set()
    for start in range(0, len(lead_ids) if sold else 0, _AT_ONCE):
        logs = read_logs_of(after, lead_ids[start : start + _AT_ONCE])
        seen = see_leads(after, logs, as_of)
        held |= {(pk, name) for pk, one in seen.items() for name in one.qualifications if name in sold}
    return held
