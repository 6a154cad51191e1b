"""The settings of webhooks: endpoints are added, tested, switched and deleted; what failed goes out again."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from leadline.web.leads.erasure import Erased
from leadline.web.leads.models import Lead
from leadline.web.leads.subject import get_subject
from leadline.web.outgoing.models import Delivery, Endpoint, Message
from leadline.web.outgoing.queries import list_endpoints
from leadline.web.outgoing.signing import secret_of
from leadline.web.outgoing.subjects import erase_from_messages, find_messages
from leadline.web.outgoing.webhooks import tell, tell_test


@pytest.mark.parametrize(
    ("ports", "said"), [((443, 8443), "one of the ports 443 and 8443; named none, it is 443."), ((443,), "port 443;")]
)
def test_the_ports_that_an_address_may_name_are_said_before_one_is_refused(as_maria, settings, ports, said):
    settings.WEBHOOKS_PORTS = frozenset(ports)

    assert f"It may name {said}" in as_maria.get(reverse("webhooks")).text


def test_an_endpoint_is_added_and_its_secret_shown_once(as_maria, northwind):
    said = {"url": "https://crm.example/hooks", "description": "CRM", "types": ["lead.qualified"]}

    answer = as_maria.post(reverse("webhooks"), said)

    endpoint = Endpoint.objects.get(workspace=northwind)
    assert secret_of(endpoint.salt) in answer.text
    assert endpoint.types == ["lead.qualified"]
    for address in (reverse("webhooks"), reverse("webhook", args=[endpoint.pk])):
        page = as_maria.get(address).text
        assert "CRM" in page
        assert secret_of(endpoint.salt) not in page


@pytest.mark.parametrize("url", ["http://crm.example/", "https://127.0.0.1/", "https://crm.example:22/", ""])
def test_an_address_that_nothing_may_go_to_is_refused(as_maria, northwind, url):
    assert as_maria.post(reverse("webhooks"), {"url": url}).status_code == 422
    assert not Endpoint.objects.exists()


def test_a_new_secret_leaves_the_old_one_for_a_day(as_maria, endpoint):
    answer = as_maria.post(reverse("webhook-secret", args=[endpoint.pk]))

    changed = Endpoint.objects.get()
    assert secret_of(changed.salt) in answer.text
    assert changed.old_salt == endpoint.salt
    assert changed.salt != endpoint.salt


def test_an_endpoint_is_changed_switched_tested_and_deleted(as_maria, endpoint):
    as_maria.post(reverse("webhook-change", args=[endpoint.pk]), {"url": endpoint.url, "description": " New  name "})
    assert Endpoint.objects.get().description == "New name"
    as_maria.post(reverse("webhook-switch", args=[endpoint.pk]), {"is_on": "0"})
    as_maria.post(reverse("webhook-test", args=[endpoint.pk]))
    assert not Message.objects.exists(), "it is off"
    as_maria.post(reverse("webhook-switch", args=[endpoint.pk]), {"is_on": "1"})
    as_maria.post(reverse("webhook-test", args=[endpoint.pk]))
    assert Message.objects.get().type == "webhook.test"
    assert "Delete New name?" in as_maria.get(reverse("webhook-delete", args=[endpoint.pk])).text
    as_maria.post(reverse("webhook-delete", args=[endpoint.pk]))
    assert not Endpoint.objects.exists()


def test_what_failed_is_found_read_and_sent_again(as_maria, endpoint, now):
    uids = [tell_test(endpoint, at=now).uid for _ in range(2)]
    failed, sent = Delivery.objects.order_by("pk")
    Delivery.objects.filter(pk=failed.pk).update(
        state="failed", attempts=10, last_status=500, last_error="It answered 500.", last_answer="<b>no</b>"
    )
    Delivery.objects.filter(pk=sent.pk).update(state="sent", attempts=1)

    page = as_maria.get(reverse("webhook", args=[endpoint.pk]), {"failed": "1"}).text
    assert uids[0] in page
    assert uids[1] not in page
    assert "&lt;b&gt;no&lt;/b&gt;" in as_maria.get(reverse("webhook-delivery", args=[failed.pk])).text
    assert as_maria.post(reverse("webhook-failed-again", args=[endpoint.pk]), {"since": "x"}).status_code == 422
    as_maria.post(reverse("webhook-failed-again", args=[endpoint.pk]), {"since": "2020-01-01"})
    assert list(Delivery.objects.order_by("pk").values_list("state", "attempts")) == [("due", 0), ("sent", 1)]
    as_maria.post(reverse("webhook-delivery", args=[sent.pk]))
    assert Delivery.objects.get(pk=sent.pk).state == "due"


def test_health_is_counted(endpoint, northwind, now):
    for _ in range(4):
        tell_test(endpoint, at=now)
    pks = list(Delivery.objects.order_by("pk").values_list("pk", flat=True))
    Delivery.objects.filter(pk__in=pks[:2]).update(state="sent", tried_at=now, last_ms=100)
    Delivery.objects.filter(pk=pks[2]).update(state="failed", tried_at=now, last_ms=400)

    [health] = list_endpoints(northwind, now=now)

    assert (health.share, health.ms, health.waiting, health.failed) == (66, 200, 1, 1)


def test_of_an_erased_person_messages_keep_the_id_only(endpoint, northwind, now):
    ada = Lead.objects.create(workspace=northwind, name="Ada", first_seen_at=now)
    bob = Lead.objects.create(workspace=northwind, name="Bob", first_seen_at=now)
    for lead in (ada, bob):
        tell(northwind.pk, "lead.qualified", {"lead_id": lead.pk, "why": f"{lead.name} asked for a demo"}, now)
    Delivery.objects.update(last_answer="Hello Ada")

    assert [row["data"]["why"] for row in find_messages(get_subject(ada))] == ["Ada asked for a demo"]
    erased = Erased()
    erase_from_messages(get_subject(ada), erased)

    about_ada, about_bob = Message.objects.order_by("pk")
    assert about_ada.data == {"lead_id": ada.pk, "is_erased": True}
    assert about_bob.data["why"] == "Bob asked for a demo"
    assert about_ada.deliveries.get().last_answer == ""
    assert erased.counts == {"webhook messages": 1}


@pytest.mark.parametrize(("ahead", "is_said"), [(timedelta(hours=1), True), (timedelta(hours=-1), False)])
def test_that_an_endpoint_asked_to_wait_is_said_until_then(as_maria, endpoint, ahead, is_said):
    Endpoint.objects.update(rests_until=timezone.now() + ahead)
    page = as_maria.get(reverse("webhook", args=[endpoint.pk])).text
    assert ("It asked to be sent nothing until" in page) is is_said
