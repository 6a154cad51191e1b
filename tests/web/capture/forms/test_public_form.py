"""What a visitor can send, what becomes of it, and what machines cannot do."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from tests.web.capture.forms.conftest import ADDRESS, errors_of

from leadline.web.accounts.models import Source
from leadline.web.accounts.tries import TryCount
from leadline.web.capture.forms import guard
from leadline.web.capture.forms.answer_form import TRAP
from leadline.web.capture.forms.reader import read_delivery
from leadline.web.capture.models import Delivery, Form, RefusedEvent


def read_all():
    return [message for delivery in Delivery.objects.order_by("pk") for message in read_delivery(delivery)]


def test_an_answer_is_facts_about_whose_address_was_typed_and_one_event(send):
    response = send({"job": "CFO", "size": "10-99", "topics": ["Scoring", "Routing"], "seats": "25"})

    (message,) = read_all()
    assert (response.status_code, response["Location"]) == (302, f"{ADDRESS}thanks/")
    assert (message.kind, message.name, message.email) == ("form", "demo_requested", "ada@acme.example")
    assert message.traits == {"email": "Ada@acme.example", "title": "CFO"}
    assert message.properties == {"form": "demo", "size": "10-99", "topics": ["Scoring", "Routing"], "seats": 25.0}


def test_an_answer_names_nobody_but_whose_address_was_typed(send, visitor):
    visitor.cookies["leadline.id"] = "somebody"
    send()

    (message,) = read_all()

    assert (message.anonymous_id, message.user_id, message.crm_id) == ("", "", "")


def test_where_the_visitor_came_from_is_kept_with_the_event(send):
    send(address=f"{ADDRESS}?utm_source=news&utm_campaign=spring&gclid=x")

    (message,) = read_all()

    assert message.touch["source"] == "news"
    assert message.touch["campaign"] == "spring"
    assert message.touch["click_id"] == "gclid:x"
    assert message.touch["referrer"] == "https://search.example/"


def test_all_that_is_wrong_is_said_at_once_and_what_was_typed_stays(send):
    response = send({"email": "ada", "seats": "many", "job": "CFO"})

    assert response.status_code == 422
    assert errors_of(response) == [
        "This is no e-mail address. It looks like name@company.com.",
        "This is no number. Write digits, such as 25.",
    ]
    assert b'value="CFO"' in response.content
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    "typed",
    [
        {"size": "a million"},
        {"topics": ["Scoring", "Hacking"]},
        {"job": "x" * 301},
        {"job": "a\0b"},
        {"seats": "1e400"},
        {"seats": "nan"},
        {"email": ""},
    ],
)
def test_what_the_form_does_not_offer_is_not_taken(send, typed):
    response = send(typed)

    assert response.status_code == 422
    assert len(errors_of(response)) == 1
    assert not Delivery.objects.exists()


def test_fields_that_the_form_does_not_have_are_left_out(send):
    send({"salary": "1", "consent.scoring": "yes", "is_admin": "1"})

    assert "salary" not in json.dumps(json.loads(bytes(Delivery.objects.get().body)))


def test_the_same_page_sent_twice_is_one_answer_and_another_answer_is_another(demo, visitor):
    ticket = guard.make_ticket(demo, "", timezone.now() - timedelta(seconds=30))
    for job in ("CFO", "CFO", "CEO"):
        visitor.post(ADDRESS, {"email": "ada@acme.example", "job": job, "ticket": ticket})

    first, again, other = [message.message_id for message in read_all()]

    assert first == again != other


# -- machines ------------------------------------------------------------------------------------------------------


def test_an_answer_in_no_time_is_asked_for_again_and_nothing_is_lost(send):
    response = send({"job": "CFO"}, seconds=0)

    assert response.status_code == 422
    assert b"That was very quick" in response.content
    assert b'value="CFO"' in response.content
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("ticket", ["", "forged", None])
def test_an_answer_to_a_page_that_we_never_showed_is_asked_for_again(demo, visitor, ticket):
    typed = {"email": "ada@acme.example"} | ({} if ticket is None else {"ticket": ticket})

    response = visitor.post(ADDRESS, typed)

    assert response.status_code == 422
    assert not Delivery.objects.exists()


def test_a_ticket_of_one_form_is_none_of_another(demo, send, forms_source, northwind):
    Form.objects.create(
        workspace=northwind, source=forms_source, slug="other", title="Other", event="asked", fields=demo.fields
    )

    assert send(address="/f/northwind/other/").status_code == 422


def test_a_page_that_was_open_for_days_is_asked_for_again(send):
    assert send(seconds=90_000).status_code == 422


def test_who_fills_in_the_trap_is_thanked_and_the_answer_waits_for_a_person(send):
    response = send({TRAP: "https://buy.example"})

    kept = RefusedEvent.objects.get()
    assert response.status_code == 302
    assert not Delivery.objects.exists()
    assert (kept.protocol, kept.reason) == ("form", "form-trap")
    assert json.loads(bytes(kept.body))["traits"] == {"email": "Ada@acme.example"}


def test_too_many_answers_from_one_network_wait_and_others_do_not(send, visitor):
    for _ in range(20):
        assert send().status_code == 302

    late = send({"job": "CFO"})

    assert late.status_code == 429
    assert b'value="CFO"' in late.content
    assert Delivery.objects.count() == 20
    visitor.defaults["REMOTE_ADDR"] = "198.51.100.7"
    assert send().status_code == 302


def test_of_an_address_only_a_keyed_hash_is_kept(send, visitor):
    visitor.defaults["REMOTE_ADDR"] = "198.51.100.7"
    send()

    assert len(TryCount.objects.get().key) == 64
    assert "198.51.100.7" not in str(list(TryCount.objects.values())) + str(list(Delivery.objects.values()))


def test_a_form_that_is_larger_than_any_answer_is_not_read(send):
    response = send({"job": "x" * 70_000})

    assert response.status_code == 413
    assert not Delivery.objects.exists()


# -- other sites ---------------------------------------------------------------------------------------------------


def test_a_site_that_may_embed_it_may_send_a_form_of_its_own(demo, visitor):
    response = visitor.post(ADDRESS, {"email": "ada@acme.example"}, headers={"Origin": "https://www.northwind.example"})

    assert response.status_code == 302
    assert read_all()[0].email == "ada@acme.example"


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "http://www.northwind.example", "null", "https://www.northwind.example.evil.example"],
)
def test_other_sites_may_not(send, origin):
    response = send(headers={"Origin": origin})

    assert response.status_code == 403
    assert not Delivery.objects.exists()


def test_only_the_sites_of_a_form_may_show_it_in_a_frame(demo, visitor):
    response = visitor.get(ADDRESS)

    assert "frame-ancestors 'self' https://www.northwind.example" in response["Content-Security-Policy"]
    assert "script-src" not in response["Content-Security-Policy"]
    assert "X-Frame-Options" not in response


def test_a_visitor_gets_no_cookie(demo, visitor, send):
    visitor.get(ADDRESS)
    send()
    visitor.get(f"{ADDRESS}thanks/")

    assert not visitor.cookies


# -- which form ----------------------------------------------------------------------------------------------------


def test_a_closed_form_says_so_and_takes_nothing(send, visitor):
    Form.objects.update(is_open=False)

    assert visitor.get(ADDRESS).status_code == 410
    assert send().status_code == 410
    assert not Delivery.objects.exists()


def test_a_form_lives_in_its_own_workspace_only(demo, visitor, elsewhere):
    assert visitor.get("/f/elsewhere/demo/").status_code == 404


def test_answers_are_counted(send, demo):
    send()
    send({"job": "CFO"})
    demo.refresh_from_db()

    assert demo.answer_count == 2
    assert set(Delivery.objects.values_list("source__kind", flat=True)) == {Source.Kind.FORM}
