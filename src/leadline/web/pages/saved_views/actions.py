"""Writes of saved views."""

from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import Max, Q
from django.http import QueryDict
from django.utils import timezone

from leadline.web.accounts.models import Membership
from leadline.web.leads.subject import Subject
from leadline.web.pages.leads_list.filters import read_filters
from leadline.web.pages.models import Export, FirstView, SavedView

KEPT = timedelta(days=30)
"""So long a view that was deleted can be put back."""
_SHORTEST = 5
"""Fewer letters are nobody's name alone."""


def plain_query(text: str) -> str:
    """Return a query as a view keeps it: what it asks for and nothing else, without the page and the view that it began with."""
    return replace(read_filters(QueryDict(text)), page=1, view=None).query


def save_view(member: Membership, *, name: str, query: str, is_shared: bool) -> SavedView:
    """Save a list under a name, after those that there are."""
    return _add(member.workspace_id, name=name, query=query, is_shared=is_shared, owner_id=member.user_id)


def save_view_of_program(workspace_id: int, *, name: str, query: str) -> SavedView:
    """Save a list for everybody in a workspace; it has no owner."""
    return _add(workspace_id, name=name, query=query, is_shared=True, owner_id=None)


def _add(workspace_id: int, *, name: str, query: str, is_shared: bool, owner_id: int | None) -> SavedView:
    last = SavedView.objects.filter(workspace=workspace_id).aggregate(last=Max("position"))["last"] or 0
    return SavedView.objects.create(
        workspace_id=workspace_id,
        owner_id=owner_id,
        name=name,
        query=plain_query(query),
        is_shared=is_shared,
        position=last + 1,
    )


def change_view(
    view: SavedView,
    *,
    name: str | None = None,
    query: str | None = None,
    is_shared: bool | None = None,
    by: Membership | None = None,
) -> None:
    """Change what is given of a view. Nobody else's list begins any more with one that ceases to be shared.

    One that a program saved becomes the own view of the person *by* whom it ceases to be shared.
    """
    view.name = view.name if name is None else name
    view.query = view.query if query is None else plain_query(query)
    view.is_shared = view.is_shared if is_shared is None else is_shared
    if not view.is_shared and view.owner_id is None and by is not None:
        view.owner_id = by.user_id
    view.save(update_fields=["name", "query", "is_shared", "owner"])
    if not view.is_shared:
        FirstView.objects.filter(view=view).exclude(user=view.owner_id).delete()


def move_view(view: SavedView, shown: list[SavedView], *, is_earlier: bool) -> None:
    """Move a view one place among those that are shown."""
    at = next(place for place, one in enumerate(shown) if one.pk == view.pk)
    other = at - 1 if is_earlier else at + 1
    if 0 <= other < len(shown):
        shown[at], shown[other] = shown[other], shown[at]
        for place, one in enumerate(shown, start=1):
            if one.position != place:
                SavedView.objects.filter(pk=one.pk).update(position=place)


def delete_view(view: SavedView, *, now: datetime | None = None) -> None:
    """Delete a view; those that were deleted long ago go for good."""
    now = now or timezone.now()
    SavedView.objects.filter(workspace=view.workspace_id, deleted_at__lt=now - KEPT).delete()
    SavedView.objects.filter(pk=view.pk).update(deleted_at=now)


def restore_view(view: SavedView) -> None:
    """Put a view back that was deleted."""
    SavedView.objects.filter(pk=view.pk).update(deleted_at=None)


def begin_with(member: Membership, view: SavedView | None) -> None:
    """Let a person's list begin with a view; with none, with all leads."""
    if view is None:
        FirstView.objects.filter(workspace=member.workspace_id, user=member.user_id).delete()
        return
    FirstView.objects.update_or_create(
        workspace_id=member.workspace_id, user_id=member.user_id, defaults={"view": view}
    )


def erase_from_queries(subject: Subject, erased: object) -> None:
    """Remove the words that were searched for from views and records of exports, where they name a person who is erased."""
    del erased
    names = {value.lower() for _, value in subject.identities} | {subject.lead.name.lower(), subject.lead.email.lower()}
    names = {one for one in names if len(one) >= _SHORTEST}
    for model in (SavedView, Export):
        asked = Q(query__contains="q=") | Q(query__contains="where=")
        searches = model._default_manager.filter(asked, workspace=subject.workspace_id)
        for pk, query in searches.values_list("pk", "query"):
            filters = read_filters(QueryDict(query))
            said = filters.q.lower()
            if any(name in said or (len(said) >= _SHORTEST and said in name) for name in names):
                filters = replace(filters, q="")
                model._default_manager.filter(pk=pk).update(query=filters.query)
            if any(name in filters.where.lower() for name in names):
                model._default_manager.filter(pk=pk).update(query=filters.without_condition().query)
