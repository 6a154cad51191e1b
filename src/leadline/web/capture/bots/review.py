"""Which qualifications no longer stand since events were marked otherwise: spells from before, held against those found afterwards.

`engine/amendments/standing.py` says what counts as the same spell and what has become of one. What ended or began after the marks
were written is no consequence of them and is left out.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from leadline.engine.amendments.standing import Fallen, no_longer_stand
from leadline.engine.calendar import Zone, instant_of
from leadline.engine.lifecycle.model import Spell as EngineSpell
from leadline.web.assessments.models import Spell
from leadline.web.capture.bots.marking import KEPT
from leadline.web.capture.models import BotChange, BotReview
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import get_plan

PART = 100
AGAIN = "again"
"""How: a spell stands that had not stood before."""
_GIVE_UP_AFTER = timedelta(days=1)


def note_changes(*, now: datetime) -> int:
    """Look at some leads that have been assessed anew; return how many that were."""
    ready = Q(lead__assessments__version=F("version"), lead__assessments__log_version__gte=F("log_version"))
    waiting = BotReview.objects.filter(ready).order_by("pk").values_list("pk", flat=True)
    done = sum(_look_at(pk, now) for pk in list(waiting[:PART]))
    return done + _give_up(now)


def _look_at(pk: int, now: datetime) -> int:
    with transaction.atomic():
        review = BotReview.objects.select_related("version", "lead").filter(pk=pk).first()
        if review is None or not BotReview.objects.filter(pk=pk).delete()[0]:
            return 0  # another worker looks at it
        BotChange.objects.bulk_create(list(_changes(review, now)))
    return 1


def _give_up(now: datetime) -> int:
    """Drop reviews that nothing will come of: of leads that were merged, and by versions that pages do not show any more."""
    lost = (
        Q(lead__merged_into__isnull=False)
        | ~Q(version__state=Version.State.LIVE)
        | Q(began_at__lt=now - _GIVE_UP_AFTER)
    )
    ids = list(BotReview.objects.filter(lost).values_list("pk", flat=True)[:PART])
    return BotReview.objects.filter(pk__in=ids).delete()[0] if ids else 0


def _changes(review: BotReview, now: datetime) -> Iterator[BotChange]:
    compiled = get_plan(review.version)
    lead = str(review.lead_id)
    before = [engine_spell(lead, row, compiled.zone) for row in review.spells]
    rows = Spell.objects.filter(version=review.version, lead=review.lead_id).order_by("began_at", "pk")
    after = [engine_spell(lead, {name: getattr(row, name) for name in KEPT}, compiled.zone) for row in rows]
    until = instant_of(review.began_at)
    fallen = no_longer_stand(before, after, playbook=compiled.playbook, until_us=until)
    risen = no_longer_stand([one for one in after if one.began_us <= until], before, until_us=until)
    for one in (*fallen, *(one for one in risen if one.how == "gone")):
        is_again = one not in fallen
        yield BotChange(
            workspace_id=review.workspace_id,
            rule_id=review.rule_id,
            lead_id=review.lead_id,
            qualification=one.qualification,
            began_at=_began_at(one),
            how=AGAIN if is_again else one.how,
            because="" if is_again else one.because[:500],
            was_acted_on=one.was_acted_on,
            noted_at=now,
        )


def _began_at(fallen: Fallen) -> datetime:
    from leadline.web.assessments.rows import moment_of

    return moment_of(fallen.was.began_us)


def engine_spell(lead: str, row: Mapping[str, Any], zone: Zone) -> EngineSpell:
    """Return a spell, as it is stored or was kept, as the engine knows it."""
    began, ended = _instant(row["began_at"]), row["ended_at"] and _instant(row["ended_at"])
    return EngineSpell(
        lead_id=lead,
        qualification=row["qualification"],
        number=row["number"],
        began_us=began,
        began_day=zone.day_of(began),
        began_by=row["began_by"],
        hand_raise=row["hand_raise"] or None,
        ended_us=ended or None,
        ended_day=zone.day_of(ended) if ended else None,
        ended_by=row["ended_by"] or None,
        ended_because=row["ended_because"] or None,
        reason=row["reason"] or None,
        outcome=row["outcome"] or None,
    )


def _instant(moment: datetime | str) -> int:
    return instant_of(datetime.fromisoformat(moment) if isinstance(moment, str) else moment)
