"""Marks events as bots' or people's, and sees to what follows: cards, leads that are due, and a look at what no longer stands.

Only the mark is written. Scores, spells and stages follow when the leads are assessed anew, as after any other change of the log.
Before that, the spells as they stand are kept (`BotReview`), to be held against those found afterwards.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from leadline.web.accounts.models import Workspace
from leadline.web.assessments.models import Spell
from leadline.web.capture.models import BotReview, BotRule
from leadline.web.leads.card import refresh_cards
from leadline.web.leads.due import make_due
from leadline.web.leads.models import Event, Lead
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import find_live, get_plan

Mark = tuple[bool, str]
"""Whether a bot made it, and who says so."""
KEPT = (
    "qualification", "number", "began_at", "began_by", "hand_raise", "ended_at", "ended_by", "ended_because", "reason", "outcome",
)  # fmt: skip
"""Columns of a spell that tell whether it stands as it did."""


def mark_events(
    workspace: Workspace, marks: Mapping[int, Mark], *, because: BotRule | None = None, now: datetime
) -> None:
    """Write marks of some hundred events. Call it within a turn (`leads.turn`), which is the transaction that decides on them.

    Args:
        marks: of each event, by its id, what it is from now on; all of them differ from what they were.
        because: the rule for which what no longer stands is listed; None for a built-in one or a person.
    """
    if not marks:
        return
    events = Event.objects.filter(workspace=workspace, pk__in=list(marks))
    leads = set(events.values_list("lead_id", flat=True))
    live = find_live(workspace)
    if live is not None:
        _keep_spells(workspace, live, leads, because, now)
    for mark in set(marks.values()):
        ids = [pk for pk, one in marks.items() if one == mark]
        Event.objects.filter(workspace=workspace, pk__in=ids).update(is_bot=mark[0], bot_rule=mark[1])
    rank = get_plan(live).playbook.source_rank if live is not None else ()
    refresh_cards(leads, rank, with_times=True)
    make_due(leads, now=now)
    _note_log_versions(leads)


def _keep_spells(
    workspace: Workspace, live: Version, leads: Collection[int], because: BotRule | None, now: datetime
) -> None:
    """Keep the spells of leads that wait for no review yet; of those that do, what stood before all of it is kept already."""
    spells: dict[int, list[dict[str, Any]]] = {lead: [] for lead in leads}
    for spell in Spell.objects.filter(version=live, lead__in=leads).order_by("began_at", "pk"):
        spells[spell.lead_id].append(_as_json(spell))
    BotReview.objects.bulk_create(
        [
            BotReview(
                workspace=workspace,
                rule=because,
                lead_id=lead,
                version=live,
                spells=rows,
                log_version=0,
                began_at=now,
            )
            for lead, rows in spells.items()
        ],
        ignore_conflicts=True,
    )


def _note_log_versions(leads: Collection[int]) -> None:
    """Note from which state of its log on an assessment knows of the marks."""
    for lead, log_version in Lead.objects.filter(pk__in=leads).values_list("pk", "log_version"):
        BotReview.objects.filter(lead=lead).update(log_version=log_version)


def _as_json(spell: Spell) -> dict[str, Any]:
    row = {name: getattr(spell, name) for name in KEPT}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
