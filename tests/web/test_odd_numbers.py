"""Whoever writes odd digits, too many of them, or NUL into an address gets a page, never a fault."""

import pytest
from django.utils import timezone
from tests.web.conftest import member
from tests.web.pages.rows import make_lead

from leadline.web.playbooks.models import Version

ODD = ("\u00b2", "\u0663", "9" * 30, "9" * 5000, "-1", "\x00", "0")
PLACES = (
    "/leads/?page={}&company={}",
    "/companies/?page={}",
    "/leads/duplicates/?merged={}",
    "/leads/{lead}/merges/?merged={}",
    "/leads/{lead}/merge/?q={}",
    "/leads/views/?deleted={}",
    "/playbook/publish/?from={}",
    "/playbook/versions/1/?against={}",
    "/refused/?reason={}&source={}",
)


@pytest.fixture
def lead(northwind):
    toml = '[playbook]\nname = "p"\n\n[scores.fit]\ntitle = "Fit"\n'
    Version.objects.create(
        workspace=northwind, number=1, name="p", toml=toml, plan_hash="x", state="retired", published_at=timezone.now()
    )
    return make_lead(northwind, "Ada")


@pytest.mark.parametrize("place", PLACES)
def test_an_address_may_hold_any_number(as_maria, lead, place):
    path, _, query = place.replace("{lead}", str(lead.pk)).partition("?")
    names = [one.partition("=")[0] for one in query.split("&")]

    answers = {one[:9]: as_maria.get(path, dict.fromkeys(names, one)).status_code for one in ODD}

    assert {one: status for one, status in answers.items() if status not in (200, 302, 404)} == {}


@pytest.mark.parametrize("one", ODD)
def test_a_field_may_hold_any_number(as_maria, lead, one):
    answers = [
        as_maria.post("/leads/views/begin/", {"view": one}),
        as_maria.post("/forms/new/", {"title": "Contact", "f-TOTAL_FORMS": one, "more": "1"}),
        as_maria.post("/leads/selected/", {"lead": one, "do": "fact"}),
    ]

    assert [answer.status_code for answer in answers if answer.status_code >= 500] == []


def test_a_lead_is_found_by_its_number_to_merge_with(as_maria, northwind, lead):
    other = make_lead(northwind, "Bo")

    assert as_maria.get(f"/leads/{lead.pk}/merge/?q={other.pk}").context["found"] == [other]


def test_another_workspaces_version_is_no_number_of_ours(client, elsewhere, lead):
    client.force_login(member(elsewhere, "Dora", "admin"))

    assert client.get("/playbook/publish/?from=1").status_code == 404
