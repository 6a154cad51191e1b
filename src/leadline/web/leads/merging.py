"""Two leads are one person, or were two after all.

Each row of the log has a *first_lead*, which never changes, and a *lead*: whose it is now. The second follows from the first and from
the merges that stand: each says that one lead is another, these go on from one to the next, and at the end is the survivor. So a merge
moves rows to the survivor and an unmerge puts every one back where it was, also what came since. That is the meaning of merges in
the engine (`engine/amendments`), to which tests/web/leads/test_merging.py holds this.

Nothing is added up: what follows from a log is computed again, so the survivor is made due.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from leadline.web.leads.card import refresh_cards
from leadline.web.leads.due import make_due
from leadline.web.leads.facts import FieldValue, is_internal, value_history
from leadline.web.leads.models import Event, Fact, Identity, Lead, Merge, Note, Outcome, Suggestion, TakenBack
from leadline.web.leads.turn import take_turn

_OWNED = (Event, Fact, Outcome, Identity, Note, TakenBack)


Merged = tuple[int, int, datetime]
"""A lead, the one that it was merged into, and when."""
_followers: dict[str, Callable[[int, Sequence[Merged]], None]] = {}


def also_follow_merges(name: str, follow: Callable[[int, Sequence[Merged]], None]) -> None:
    """Add what follows every merge: called in its transaction with the workspace's id and what was merged. Of one name there is one."""
    _followers[name] = follow


class MergeError(ValueError):
    """Two leads cannot be merged, or a merge cannot be undone; the message says why, for a person to read."""


@dataclass(slots=True)
class Joined:
    """What became of some merges: into whom each lead went in the end."""

    survivors: dict[int, int] = field(default_factory=dict)


def merge_leads(
    lead: Lead,
    into: Lead,
    *,
    because: str,
    by: str = "",
    now: datetime | None = None,
    source_rank: Sequence[str] = (),
) -> Merge:
    """Say that two leads are one person: all that is of *lead* becomes *into*'s, which survives.

    Raises:
        MergeError: they are one already, or of different workspaces; or one was merged into somebody else meanwhile, which is what
            the slower of two people is told.
    """
    now = now or timezone.now()
    with transaction.atomic():
        take_turn(into.workspace_id)
        ours, theirs = _get_standing(lead), _get_standing(into)
        _check_pair(ours, theirs)
        Suggestion.objects.filter(_pair(ours.pk, theirs.pk)).update(state=Suggestion.State.MERGED)
        join_leads(into.workspace_id, [(ours, theirs, because, by)], now=now)
        refresh_cards([theirs.pk], source_rank, with_times=True)
        make_due([theirs.pk], now=now)
        return Merge.objects.get(lead=ours, undone_at=None)


def _get_standing(lead: Lead) -> Lead:
    """Return a lead as it is now, when it stands for itself."""
    found = Lead.objects.select_related("merged_into").filter(pk=lead.pk).first()
    if found is None:
        raise MergeError(f"{lead} is no longer there. Nothing was changed.")
    if found.merged_into is not None:
        raise MergeError(f"{lead} was merged into {found.merged_into} already. Nothing was changed.")
    return found


def _check_pair(lead: Lead, into: Lead) -> None:
    if lead.pk == into.pk:
        raise MergeError("A lead cannot be merged into itself. Nothing was changed.")
    if lead.workspace_id != into.workspace_id:
        raise MergeError("The two leads are of different workspaces. Nothing was changed.")


def join_leads(
    workspace_id: int,
    pairs: Sequence[tuple[Lead, Lead, str, str]],
    *,
    now: datetime,
    fresh: Collection[int] = (),
) -> Joined:
    """Merge pairs of standing leads, one after the other, and move the rows: (lead, into, because, by).

    Call it within a turn; it neither refreshes cards nor makes anybody due. *fresh* are leads that have no rows yet.
    """
    joined = Joined()
    if not pairs:
        return joined
    for lead, into, _, _ in pairs:
        taken = Lead.objects.filter(pk=lead.pk, merged_into=None).update(
            merged_into=into, due_at=None, leased_until=None, lease="", log_version=F("log_version") + 1
        )
        if not taken:
            raise MergeError(f"{lead} was merged into somebody else already. Nothing was changed.")
        if lead.pk not in fresh or lead.pk in joined.survivors.values():
            Lead.objects.filter(merged_into=lead.pk).update(merged_into=into)
            for model in _OWNED:
                model._default_manager.filter(lead=lead.pk).update(lead=into)
        lead.merged_into = into
        joined.survivors = {
            one: into.pk if survivor == lead.pk else survivor for one, survivor in joined.survivors.items()
        } | {lead.pk: into.pk}
    Merge.objects.bulk_create(
        [
            Merge(workspace_id=workspace_id, lead=lead, into=into, because=because[:255], by=by, at=now)
            for lead, into, because, by in pairs
        ]
    )
    _close_suggestions(set(joined.survivors.values()))
    known = [(lead.pk, into.pk, now) for lead, into, _, _ in pairs if lead.pk not in fresh]
    for follow in _followers.values() if known else ():
        follow(workspace_id, known)
    return joined


def unmerge(merge: Merge, *, by: str = "", now: datetime | None = None, source_rank: Sequence[str] = ()) -> Lead:
    """Take a merge back: the lead is itself again, with all that was ever attributed to it, also what has come since.

    No rule joins the two again; a person can.

    Raises:
        MergeError: it was undone already.
    """
    now = now or timezone.now()
    with transaction.atomic():
        take_turn(merge.workspace_id)
        undone = Merge.objects.filter(pk=merge.pk, undone_at=None).update(undone_at=now, undone_by=by)
        if not undone:
            raise MergeError("This merge was undone already. Nothing was changed.")
        both = put_back(merge)
        _keep_apart(merge)
        _reopen_suggestions(both)
        refresh_cards(both, source_rank, with_times=True)
        make_due(both, now=now)
        return Lead.objects.get(pk=merge.lead_id)


def put_back(merge: Merge) -> set[int]:
    """Make the lead of a merge that no longer stands stand for itself, with those that had been merged into it.

    Return it and the one that had survived; both have another log now.
    """
    lead = Lead.objects.select_related("merged_into").get(pk=merge.lead_id)
    survivor = lead.merged_into
    assert survivor is not None
    group = [survivor.pk, *Lead.objects.filter(merged_into=survivor).values_list("pk", flat=True)]
    standing = dict(Merge.objects.filter(lead__in=group, undone_at=None).values_list("lead_id", "into_id"))
    back = [one for one in group if _survivor_of(one, standing) == lead.pk]
    Lead.objects.filter(pk=lead.pk).update(merged_into=None)
    Lead.objects.filter(pk__in=back).exclude(pk=lead.pk).update(merged_into=lead)
    for model in _OWNED:
        model._default_manager.filter(lead=survivor.pk, first_lead__in=back).update(lead=lead)
    return {lead.pk, survivor.pk}


def _survivor_of(lead_id: int, standing: dict[int, int]) -> int:
    while lead_id in standing:
        lead_id = standing[lead_id]
    return lead_id


# -- suggestions ---------------------------------------------------------------------------------------------------


def _pair(one: int, another: int) -> Q:
    smaller, greater = sorted((one, another))
    return Q(lead=smaller, other=greater)


def _of_one(state: Suggestion.State, leads: Iterable[int]) -> tuple[list[int], list[int]]:
    """Return the suggestions in a state that concern some standing leads: those whose two are one now, and the others."""
    ids = list(leads)
    ours = Q(lead__in=ids) | Q(other__in=ids) | Q(lead__merged_into__in=ids) | Q(other__merged_into__in=ids)
    rows = Suggestion.objects.filter(ours, state=state).values_list(
        "pk", "lead_id", "lead__merged_into_id", "other_id", "other__merged_into_id"
    )
    one, two = list[int](), list[int]()
    for pk, lead, lead_root, other, other_root in rows:
        (one if (lead_root or lead) == (other_root or other) else two).append(pk)
    return one, two


def _close_suggestions(survivors: Iterable[int]) -> None:
    """Note of suggestions that wait that they have come true."""
    done, _ = _of_one(Suggestion.State.OPEN, survivors)
    Suggestion.objects.filter(pk__in=done).update(state=Suggestion.State.MERGED)


def _reopen_suggestions(leads: Iterable[int]) -> None:
    """Let those wait again that had come true by a merge which no longer stands."""
    _, again = _of_one(Suggestion.State.MERGED, leads)
    Suggestion.objects.filter(pk__in=again).update(state=Suggestion.State.OPEN)


def _keep_apart(merge: Merge) -> None:
    """Remember that a person said that the two are two, so that no rule joins them again."""
    smaller, greater = sorted((merge.lead_id, merge.into_id))
    Suggestion.objects.update_or_create(
        lead_id=smaller,
        other_id=greater,
        defaults={"state": Suggestion.State.DISMISSED},
        create_defaults={
            "state": Suggestion.State.DISMISSED,
            "workspace_id": merge.workspace_id,
            "because": "a merge that was undone",
        },
    )


# -- before it is done -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FieldConflict:
    """A field of which the two say different things, and what will hold."""

    field: str
    of_lead: object
    of_into: object
    after: FieldValue


@dataclass(frozen=True, slots=True)
class MergePreview:
    """What a merge would join: *lead* goes into *into*. Nothing was changed yet.

    identities, events, facts, outcomes: what *lead* brings. conflicts: fields in which they differ.
    warnings: why one should look twice, as sentences.
    """

    lead: Lead
    into: Lead
    identities: tuple[Identity, ...]
    events: int
    facts: int
    outcomes: int
    conflicts: tuple[FieldConflict, ...]
    warnings: tuple[str, ...]


def preview_merge(lead: Lead, into: Lead, *, source_rank: Sequence[str] = ()) -> MergePreview:
    """Return what a merge would join, and what would hold where the two differ.

    Raises:
        MergeError: they cannot be merged.
    """
    _check_pair(_get_standing(lead), _get_standing(into))
    ours, theirs = list(lead.facts.all()), list(into.facts.all())
    of_lead = {one.field: one.value for one in value_history(ours, source_rank) if one.winner is not None}
    of_into = {one.field: one.value for one in value_history(theirs, source_rank) if one.winner is not None}
    together = {one.field: one for one in value_history([*ours, *theirs], source_rank)}
    conflicts = tuple(
        FieldConflict(name, of_lead[name], of_into[name], together[name])
        for name in sorted(of_lead.keys() & of_into.keys())
        if of_lead[name] != of_into[name] and not is_internal(name)
    )
    identities = tuple(lead.identities.order_by("kind", "value"))
    return MergePreview(
        lead=lead,
        into=into,
        identities=identities,
        events=lead.events.count(),
        facts=sum(not is_internal(one.field) for one in ours),
        outcomes=lead.outcomes.count(),
        conflicts=conflicts,
        warnings=tuple(_warnings(identities, list(into.identities.all()))),
    )


def _warnings(ours: Sequence[Identity], theirs: Sequence[Identity]) -> Iterable[str]:
    """Say of each system in which both have an id that it takes them for two people."""
    from leadline.web.leads.claims import system_of

    for one in ours:
        system = system_of((one.kind, one.value))
        for other in theirs:
            if system is not None and system == system_of((other.kind, other.value)):
                yield f"They have different ids in one system, {one.value} and {other.value}: there they are two people."
