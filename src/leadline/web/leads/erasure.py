"""Erasing a person: nothing of them stays but keyed hashes of their identities, by which what comes later is dropped.

The tables of this app are emptied here, and with the lead whatever refers to it (assessments, spells, moves …). What lies elsewhere under
their name (requests that wait or were refused, rows and files of imports) is removed by the functions that apps above add with
`also_erase`, in `flow.py`, all in one transaction. docs/privacy.md says what that means; tests/web/leads/test_canary.py holds it to it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.apps import apps
from django.db import transaction
from django.db.models import Model, Q
from django.utils import timezone

from leadline.web.accounts.models import User
from leadline.web.leads.forgotten import digest_of, find_erased, remember_erased
from leadline.web.leads.models import (
    Company,
    Event,
    Fact,
    Identity,
    Lead,
    Merge,
    Note,
    Outcome,
    Suggestion,
    TakenBack,
)
from leadline.web.leads.subject import Subject, get_subject
from leadline.web.leads.turn import take_turn

__all__ = ["Erased", "also_erase", "digest_of", "erase_person", "find_erased"]

Eraser = Callable[[Subject, "Erased"], None]
_erasers: dict[str, Eraser] = {}
_BY_LEAD = (Event, Fact, Outcome, Identity, Note, TakenBack)


@dataclass(slots=True)
class Erased:
    """What an erasure removed. counts: rows by what they are; notes: what a person should know, in sentences.

    at_the_end: what is done when the rows are gone, in the same transaction.
    after_commit: what can be done only when the rows are gone for good, such as deleting a file.
    """

    counts: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    at_the_end: list[Callable[[], None]] = field(default_factory=list)
    after_commit: list[Callable[[], None]] = field(default_factory=list)

    def count(self, what: str, rows: int) -> None:
        """Add rows that were removed."""
        if rows:
            self.counts[what] = self.counts.get(what, 0) + rows


def also_erase(name: str, erase: Eraser) -> None:
    """Add what every erasure does besides: called in its transaction, before the person's leads are removed. Of one name there is one."""
    _erasers[name] = erase


def erase_person(lead: Lead, *, by: User | None, now: datetime | None = None) -> Erased:
    """Erase the person of a lead, with all leads that were merged into it or it into. There is no undo.

    by: who did it. Nothing of it is kept: a record of who erased whom would be a record of the person.

    The space in the database that this frees may still hold what stood there: `scrub.scrub_free_space` makes it unreadable.
    """
    del by
    now = now or timezone.now()
    erased = Erased()
    with transaction.atomic():
        take_turn(lead.workspace_id)
        subject = get_subject(lead)
        for erase in _erasers.values():
            erase(subject, erased)
        _erase_rows(subject, erased)
        for act in erased.at_the_end:
            act()
        remember_erased(subject.workspace_id, subject.identities, at=now)
        for act in erased.after_commit:
            transaction.on_commit(act)
    return erased


def _erase_rows(subject: Subject, erased: Erased) -> None:
    ids = subject.lead_ids
    companies = list(Company.objects.filter(leads__in=ids, origin="").distinct().values_list("pk", flat=True))
    Lead.objects.filter(pk__in=ids).update(merged_into=None, company=None)
    for model in _BY_LEAD:
        count, _ = model.objects.filter(Q(lead__in=ids) | Q(first_lead__in=ids)).delete()
        erased.count(_name_of(model), count)
    erased.count("merges", Merge.objects.filter(Q(lead__in=ids) | Q(into__in=ids)).delete()[0])
    erased.count("suggestions", Suggestion.objects.filter(Q(lead__in=ids) | Q(other__in=ids)).delete()[0])
    _, more = Lead.objects.filter(pk__in=ids).delete()
    for label, count in more.items():
        erased.count(_name_of(apps.get_model(label)), count)
    # A company that only they belonged to is as good as their name: ada-lovelace.com. Those that were imported are known without them.
    alone = Company.objects.filter(pk__in=companies, leads__isnull=True)
    Fact.objects.filter(company__in=alone).delete()
    erased.count("companies", alone.delete()[0])


def _name_of(model: type[Model]) -> str:
    return str(model._meta.verbose_name_plural)
