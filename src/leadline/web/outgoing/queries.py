"""Reads of endpoints and deliveries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Avg, Count, Q
from django.http import Http404

from leadline.web.accounts.models import Workspace
from leadline.web.outgoing.models import Delivery, Endpoint

LOOKS_BACK = timedelta(days=7)
"""What the health of an endpoint is measured over."""
_A_PAGE = 25
_LONGEST = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How an endpoint does, over `LOOKS_BACK`. share: of what was tried, in whole percent, what is sent; None: nothing was tried."""

    endpoint: Endpoint
    waiting: int
    failed: int
    share: int | None
    ms: int | None


def list_endpoints(workspace: Workspace, *, now: datetime) -> list[Health]:
    """Return the endpoints of a workspace with their health, in the order in which they were made."""
    endpoints = list(Endpoint.objects.filter(workspace=workspace).order_by("pk"))
    tried = Q(tried_at__gte=now - LOOKS_BACK)
    counted = {
        row["endpoint"]: row
        for row in Delivery.objects.filter(workspace=workspace)
        .values("endpoint")
        .annotate(
            waiting=Count("pk", filter=Q(state__in=("due", "sending"))),
            failed=Count("pk", filter=Q(state__in=("failed", "gone"))),
            tried=Count("pk", filter=tried),
            sent=Count("pk", filter=tried & Q(state="sent")),
            ms=Avg("last_ms", filter=tried),
        )
        .order_by()
    }
    return [_health(one, counted.get(one.pk, {})) for one in endpoints]


def _health(endpoint: Endpoint, row: Mapping[str, Any]) -> Health:
    tried, sent, ms = row.get("tried") or 0, row.get("sent") or 0, row.get("ms")
    return Health(
        endpoint=endpoint,
        waiting=int(row.get("waiting") or 0),
        failed=int(row.get("failed") or 0),
        share=int(100 * sent // tried) if tried else None,
        ms=None if ms is None else round(ms),
    )


def get_endpoint(workspace: Workspace, pk: int) -> Endpoint:
    """Return an endpoint of a workspace. Raises Http404: it has none of this id."""
    found = Endpoint.objects.filter(workspace=workspace, pk=pk).first()
    if found is None:
        raise Http404("There is no such endpoint.")
    return found


def get_delivery(workspace: Workspace, pk: int) -> Delivery:
    """Return a delivery of a workspace with its message and endpoint. Raises Http404: it has none of this id."""
    found = Delivery.objects.filter(workspace=workspace, pk=pk).select_related("message", "endpoint").first()
    if found is None:
        raise Http404("There is no such delivery.")
    return found


def list_deliveries(endpoint: Endpoint, *, is_failed: bool, page: int) -> Page[Delivery]:
    """Return a page of an endpoint's deliveries, the newest first; only those that failed or fail now, where asked for."""
    found = endpoint.deliveries.select_related("message").order_by("-pk")
    if is_failed:
        found = found.exclude(last_error="").exclude(state=Delivery.State.SENT)
    return Paginator(found[:_LONGEST], _A_PAGE).get_page(page)
