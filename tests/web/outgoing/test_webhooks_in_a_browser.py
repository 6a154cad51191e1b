"""The pages of webhooks as people see them: readable in every look, without JavaScript too."""

import pytest
from django.urls import reverse
from django.utils import timezone

from leadline.web.outgoing.models import Delivery, Endpoint
from leadline.web.outgoing.signing import make_salt
from leadline.web.outgoing.webhooks import tell

pytestmark = pytest.mark.browser


@pytest.fixture
def crm(northwind):
    now = timezone.now()
    one = Endpoint.objects.create(
        workspace=northwind, url="https://crm.example.com/hooks/leadline", description="CRM", salt=make_salt(),
        made_at=now, last_ok_at=now,
    )  # fmt: skip
    Endpoint.objects.create(
        workspace=northwind, url="https://old.example.com/" + "long/" * 20, salt=make_salt(), made_at=now, is_on=False,
        off_why="It answered 410: whoever runs it says that it is gone for good.",
    )  # fmt: skip
    for _ in range(30):
        tell(northwind.pk, "lead.qualified", {"lead_id": 7, "why": ["Asked for a demo"]}, now)
    Delivery.objects.update(state="sent", attempts=1, tried_at=now, last_status=200, last_ms=84, last_answer="ok")
    last = Delivery.objects.latest("pk").pk
    Delivery.objects.filter(pk=last).update(state="failed", attempts=10, last_status=500, last_error="It answered 500.")
    return one


def test_the_pages_are_readable_in_every_look(visit, maria, northwind, crm):
    seen = visit(maria)
    paths = {
        "webhooks": reverse("webhooks"),
        "webhook": reverse("webhook", args=[crm.pk]),
        "webhook_change": reverse("webhook-change", args=[crm.pk]),
        "webhook_delete": reverse("webhook-delete", args=[crm.pk]),
        "webhook_delivery": reverse("webhook-delivery", args=[Delivery.objects.latest("pk").pk]),
    }
    for name, path in paths.items():
        seen.check_accessibility(path)
        seen.go(path)
        seen.shoot_every_look(name, full=True)
