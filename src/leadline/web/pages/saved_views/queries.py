"""Reads of saved views. Another person's own view is as missing as one of another workspace."""

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, QueryDict
from django.urls import reverse

from leadline.web.accounts.models import Membership
from leadline.web.accounts.roles import EDITORS
from leadline.web.pages.leads_list.filters import Filters, read_filters
from leadline.web.pages.models import FirstView, SavedView
from leadline.web.pages.playbook_words import PlaybookWords, say_id


def views_for(member: Membership) -> QuerySet[SavedView]:
    """Return the views that a person sees: their own and those that are shared, in order."""
    own_or_shared = Q(owner=member.user_id) | Q(is_shared=True)
    return SavedView.objects.filter(own_or_shared, workspace=member.workspace_id, deleted_at=None).order_by(
        "position", "pk"
    )


def get_view(member: Membership, pk: int, *, is_deleted: bool = False) -> SavedView:
    """Return a view that a person may change: their own; a shared one is an editor's.

    Raises:
        Http404: they see no such view.
        PermissionDenied: they see it and may not change it.
    """
    seen = Q(owner=member.user_id) | Q(is_shared=True)
    there = SavedView.objects.filter(seen, workspace=member.workspace_id, deleted_at__isnull=not is_deleted)
    found = there.filter(pk=pk).first()
    if found is None:
        raise Http404("There is no such view.")
    if not may_change(member, found):
        raise PermissionDenied("A view that everybody sees is changed by administrators and marketers.")
    return found


def may_change(member: Membership, view: SavedView) -> bool:
    """Return whether a person may change a view."""
    return member.role in EDITORS if view.is_shared else view.owner_id == member.user_id


def first_view_of(member: Membership) -> SavedView | None:
    """Return the view with which a person's list begins; None where they chose none, or may not see it any more."""
    chosen = FirstView.objects.filter(workspace=member.workspace_id, user=member.user_id).values("view")
    return views_for(member).filter(pk__in=chosen).first()


def filters_of(view: SavedView) -> Filters:
    """Return what a view asks for."""
    return read_filters(QueryDict(view.query))


def missing_of(filters: Filters, words: PlaybookWords | None) -> list[str]:
    """Return what filters ask for and the live playbook does not have: with it, they find nobody."""
    if words is None:
        wanted = (*filters.stages, *filters.qualifications, *filters.grades)
        return [f"“{say_id(one)}” (no playbook is live)" for one in wanted]
    there = (
        ("stage", filters.stages, words.stages),
        ("qualification", filters.qualifications, words.qualifications),
        ("grade", filters.grades, words.grades),
    )
    return [
        f"the {what} “{one}”" for what, ids, known in there for one in ids if one not in {named.id for named in known}
    ]


def address_of(view: SavedView) -> str:
    """Return the address of a list as a view shows it."""
    return f"{reverse('leads')}?{view.query}{'&' if view.query else ''}view={view.pk}"
