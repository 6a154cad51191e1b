"""Finding out what a draft says of everybody, in parts: each part and how far it is commit together, under a lease.

Whatever kills a worker, another goes on behind the last lead that was counted, and no lead is counted twice: a part is stored only by
who holds the lease, over the lead behind which it began, of the question that it was read for. Nothing else is written.
"""

import logging
import os
import secrets
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from leadline.web.assessments.assess import TROUBLE_OF_THE_STORE
from leadline.web.assessments.models import WhatIf
from leadline.web.assessments.whatif.queries import known_leads
from leadline.web.assessments.whatif.sides import Pair, Sides
from leadline.web.assessments.whatif.tally import Tally
from leadline.web.assessments.whatif.telling import Telling
from leadline.web.playbooks.queries import compile_toml, get_plan

log = logging.getLogger("leadline.whatifs")
State = WhatIf.State
LEASE = timedelta(seconds=60)
SLICE_SECONDS = 1.0
PART = 100
"""Leads that are looked at together: some tenths of a second."""
_process: dict[int, str] = {}


def run_whatifs(*, now: datetime | None = None, seconds: float = SLICE_SECONDS) -> int:
    """Work for a moment on the what-if that waits longest; return at how many leads was looked, 0 when none waits."""
    whatif = claim_whatif(now=now)
    return 0 if whatif is None else max(1, work_on(whatif, now=now, seconds=seconds))


def claim_whatif(*, now: datetime | None = None) -> WhatIf | None:
    """Claim a what-if that is ours already, or that nobody has: several take turns. Those of drafts that are gone wait."""
    now = now or timezone.now()
    mine = _process.setdefault(os.getpid(), secrets.token_hex(16))
    free = Q(lease=mine) | Q(leased_until=None) | Q(leased_until__lt=now)
    with transaction.atomic():
        waiting = WhatIf.objects.filter(free, state=State.RUNNING, draft__deleted_at=None)
        waiting = waiting.order_by(F("leased_until").asc(nulls_first=True), "pk")
        if connection.vendor == "postgresql":
            waiting = waiting.select_for_update(skip_locked=True, of=("self",))
        found = waiting.values_list("pk", flat=True).first()
        if found is None:
            return None
        WhatIf.objects.filter(pk=found).update(lease=mine, leased_until=now + LEASE)
    return WhatIf.objects.select_related("live").get(pk=found)


def work_on(whatif: WhatIf, *, now: datetime | None = None, seconds: float = SLICE_SECONDS) -> int:
    """Work for a moment on a what-if that was claimed; return at how many leads was looked."""
    until, began_with = time.monotonic() + seconds, whatif.done
    try:
        sides = Sides(get_plan(whatif.live), compile_toml(whatif.toml), whatif.as_of)
        while _do_part(whatif, sides, now or timezone.now()) and time.monotonic() < until:
            pass
    except TROUBLE_OF_THE_STORE:
        raise  # the lease ends, and somebody goes on
    except Exception as error:
        log.exception("What-if %s failed", whatif.pk)
        problem = f"Leadline made a mistake ({type(error).__name__}). Nothing was changed; please report it."
        _ours(whatif).update(state=State.FAILED, problem=problem, ended_at=now or timezone.now())
    return whatif.done - began_with


def _do_part(whatif: WhatIf, sides: Sides, now: datetime) -> bool:
    """Look at the next leads; False where there are none, where somebody stopped it, or where another has it by now."""
    following = known_leads(whatif.workspace_id).filter(pk__gt=whatif.last_lead).order_by("pk")
    ids = list(following.values_list("pk", flat=True)[:PART])
    if not ids:
        _ours(whatif).update(state=State.DONE, total=F("done"), ended_at=now, lease="", leased_until=None, problem="")
        return False
    tally, telling = Tally.from_json(whatif.counts), Telling.from_json(whatif.named)
    pairs = _pairs(sides, ids, tally)
    tally.count(pairs, sides)
    telling.add(pairs, sides)
    counts, named, done = tally.to_json(), telling.to_json(), whatif.done + len(ids)
    stored = _ours(whatif).update(counts=counts, named=named, done=done, last_lead=ids[-1], leased_until=now + LEASE)
    if not stored:
        return False
    whatif.counts, whatif.named, whatif.done, whatif.last_lead = counts, named, done, ids[-1]
    return True


def _ours(whatif: WhatIf) -> QuerySet[WhatIf]:
    """Return the row, as long as it is ours and as we know it: neither stopped, nor asked anew, nor gone on with by another."""
    return WhatIf.objects.filter(
        pk=whatif.pk, state=State.RUNNING, lease=whatif.lease, last_lead=whatif.last_lead, asked_at=whatif.asked_at
    )


def _pairs(sides: Sides, ids: Sequence[int], tally: Tally) -> list[Pair]:
    """Return leads by both texts; those that cannot be assessed because of an error of the program are counted as left out."""
    try:
        return sides.pairs(ids)
    except TROUBLE_OF_THE_STORE:
        raise
    except Exception:
        log.warning("%s leads cannot be compared together: each is tried by itself", len(ids), exc_info=True)
    found: list[Pair] = []
    for pk in ids:
        try:
            found += sides.pairs([pk])
        except TROUBLE_OF_THE_STORE:
            raise
        except Exception:
            log.exception("Lead %s cannot be compared", pk)
            tally.left_out += 1
    return found
