"""Asking what a draft says of everybody, and stopping it."""

from datetime import datetime

from django.db import transaction

from leadline.web.accounts.models import User
from leadline.web.assessments.models import WhatIf
from leadline.web.assessments.whatif.queries import is_of_day, known_leads
from leadline.web.assessments.whatif.sides import Sides
from leadline.web.assessments.whatif.tally import Tally
from leadline.web.leads.turn import take_turn
from leadline.web.playbooks.actions import check_playbook
from leadline.web.playbooks.models import Draft
from leadline.web.playbooks.queries import find_live, get_plan


class NothingLiveError(Exception):
    """No version is live, so there is nothing that a draft could be compared with."""

    def __init__(self) -> None:
        super().__init__("No version of the playbook is live yet, so there is nothing to compare with.")


class NoDraftError(Exception):
    """The draft was published or deleted: it is none any more."""

    def __init__(self) -> None:
        super().__init__("This was published or deleted, so it is no draft any more. Nothing was asked.")


def ask(draft: Draft, *, by: User | None, now: datetime) -> WhatIf:
    """Ask what a draft says of all known leads beside the live version; the worker finds it out.

    What runs, or was found out, of the same two texts on the same day is left as it is. Anything else that was asked with the draft is
    replaced.

    Args:
        draft: as it was saved last.
        by: who asks; None for the command line.
        now: the moment of which is asked.

    Raises:
        ProblemsError: the text of the draft cannot be used: all that is wrong with it.
        NothingLiveError: there is no live version.
        NoDraftError: it was published or deleted.
    """
    if draft.deleted_at is not None or draft.published_as_id is not None:
        raise NoDraftError
    after = check_playbook(draft.toml)
    live = find_live(draft.workspace_id)
    if live is None:
        raise NothingLiveError
    sides = Sides(get_plan(live), after, now)
    wanted = (live.pk, after.plan_hash)
    with transaction.atomic():
        take_turn(draft.workspace_id)  # two people who ask at once find one another's
        found = WhatIf.objects.filter(draft=draft).first()
        if found is not None and (found.live_id, found.plan_hash) == wanted and _stands(found, now):
            WhatIf.objects.filter(pk=found.pk).update(revision=draft.revision, toml=draft.toml)
            found.revision, found.toml = draft.revision, draft.toml
            return found
        asked, _ = WhatIf.objects.update_or_create(
            draft=draft,
            defaults={
                "workspace_id": draft.workspace_id,
                "live": live,
                "revision": draft.revision,
                "toml": draft.toml,
                "plan_hash": after.plan_hash,
                "as_of": now,
                "state": WhatIf.State.RUNNING,
                "problem": "",
                "done": 0,
                "total": known_leads(draft.workspace_id).count(),
                "last_lead": 0,
                "counts": Tally.begin(sides).to_json(),
                "named": {},
                "lease": "",
                "leased_until": None,
                "asked_by": by,
                "asked_at": now,
                "ended_at": None,
            },
        )
        return asked


def _stands(found: WhatIf, now: datetime) -> bool:
    return found.state in (WhatIf.State.RUNNING, WhatIf.State.DONE) and is_of_day(found, now)


def stop(whatif: WhatIf, *, now: datetime) -> bool:
    """Stop it after the part that is being looked at; False where it was over. What was counted stays."""
    running = WhatIf.objects.filter(pk=whatif.pk, state=WhatIf.State.RUNNING)
    return bool(running.update(state=WhatIf.State.STOPPED, ended_at=now))
