"""What the pages on duplicates, merges and rights read. Another workspace's lead is as missing as one that never was."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.http import Http404

from leadline.web.accounts.models import Workspace
from leadline.web.leads.facts import FieldValue, field_values, text_of
from leadline.web.leads.models import Lead, Merge, Suggestion, TitleRule
from leadline.web.leads.subject import get_subject
from leadline.web.shell.numbers import whole_number

_MOST_FOUND = 20
_SHOWN_FIRST = ("name", "first_name", "last_name", "email", "phone", "title", "company", "country")


@dataclass(frozen=True, slots=True)
class ComparedField:
    """A field of two leads side by side, as texts; empty where nothing holds."""

    name: str
    left: str
    right: str

    @property
    def is_same(self) -> bool:
        """Whether both say the same."""
        return self.left == self.right


def get_lead(workspace: Workspace, pk: int) -> Lead:
    """Return a lead, or the one that it was merged into.

    Raises:
        Http404: the workspace has no such lead.
    """
    found = Lead.objects.filter(workspace=workspace, pk=pk).select_related("workspace", "company").first()
    if found is None:
        raise Http404("There is no such lead.")
    return found if found.merged_into_id is None else get_subject(found).lead


def get_pair(workspace: Workspace, lead: int, other: int) -> tuple[Lead, Lead]:
    """Return two leads as they stand now.

    Raises:
        Http404: one is missing, or they are one already.
    """
    one, two = get_lead(workspace, lead), get_lead(workspace, other)
    if one.pk == two.pk:
        raise Http404("These two are one lead.")
    return one, two


def find_suggestion(one: Lead, other: Lead) -> Suggestion | None:
    """Return the suggestion that two leads may be one person, whatever became of it."""
    smaller, greater = sorted((one.pk, other.pk))
    return Suggestion.objects.filter(lead=smaller, other=greater).first()


def get_suggestion(workspace: Workspace, pk: int) -> Suggestion:
    """Return a suggestion.

    Raises:
        Http404: the workspace has no such suggestion.
    """
    found = Suggestion.objects.filter(workspace=workspace, pk=pk).select_related("lead", "other").first()
    if found is None:
        raise Http404("There is no such suggestion.")
    return found


def find_merge(workspace: Workspace, pk: str | int | None) -> Merge | None:
    """Return a merge of a workspace; None when there is none with that id."""
    number = None if pk is None else whole_number(str(pk))
    if number is None:
        return None
    return Merge.objects.filter(workspace=workspace, pk=number).select_related("lead", "into").first()


def get_merge(workspace: Workspace, pk: int) -> Merge:
    """Return a merge.

    Raises:
        Http404: the workspace has no such merge.
    """
    found = find_merge(workspace, pk)
    if found is None:
        raise Http404("There is no such merge.")
    return found


def merges_of(lead: Lead) -> QuerySet[Merge]:
    """Return every merge that a person's leads were ever part of, the latest first."""
    ids = get_subject(lead).lead_ids
    return Merge.objects.filter(Q(lead__in=ids) | Q(into__in=ids)).select_related("lead", "into").order_by("-at", "-pk")


def dismissed_suggestions(workspace: Workspace) -> QuerySet[Suggestion]:
    """Return the pairs of which somebody said that they are two people, the latest first."""
    dismissed = Suggestion.objects.filter(workspace=workspace, state=Suggestion.State.DISMISSED)
    return dismissed.select_related("lead", "other").order_by("-pk")


def find_partners(lead: Lead, text: str) -> list[Lead]:
    """Return leads that a lead could be merged with, by the beginning of a name or an address or by a word in it."""
    text = text.strip()
    if not text:
        return []
    found = Lead.objects.filter(workspace=lead.workspace_id, merged_into=None).exclude(pk=lead.pk)
    matching = Q(name__begins_alike=text) | Q(email__begins_alike=text) | Q(name__has_word_alike=text)
    if (pk := whole_number(text)) is not None:
        matching |= Q(pk=pk)
    return list(found.filter(matching).select_related("company").order_by("-last_seen_at", "pk")[:_MOST_FOUND])


def other_candidates(lead: Lead) -> list[Lead]:
    """Return the leads that may be the same person and are not merged with it: an export or erasure leaves them out."""
    open_ones = Suggestion.objects.filter(Q(lead=lead) | Q(other=lead), state=Suggestion.State.OPEN)
    return [
        one.other if one.lead_id == lead.pk else one.lead
        for one in open_ones.select_related("lead", "other")[:_MOST_FOUND]
    ]


def compare_fields(left: Lead, right: Lead, source_rank: Sequence[str]) -> list[ComparedField]:
    """Return what holds of two leads, field by field; those that people recognise each other by come first."""
    values: list[dict[str, str]] = [_texts(field_values(lead, source_rank)) for lead in (left, right)]
    names = sorted(
        values[0].keys() | values[1].keys(),
        key=lambda name: (_SHOWN_FIRST.index(name) if name in _SHOWN_FIRST else len(_SHOWN_FIRST), name),
    )
    return [ComparedField(name, values[0].get(name, ""), values[1].get(name, "")) for name in names]


def _texts(values: Sequence[FieldValue]) -> dict[str, str]:
    return {one.field: text_of(one.winner) for one in values if one.winner is not None}


def get_title_rule(workspace: Workspace, pk: int) -> TitleRule:
    """Return a rule on titles.

    Raises:
        Http404: the workspace has no such rule.
    """
    found = TitleRule.objects.filter(workspace=workspace, pk=pk).first()
    if found is None:
        raise Http404("There is no such rule.")
    return found
