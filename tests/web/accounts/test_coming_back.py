"""Who was asked to sign in comes back to a page: the one they wanted, or the one with the form that they sent too late."""

import pytest
from django.test import Client

NOTES = "/leads/7/notes/"


def come_in(client, maria, wanted):
    """Sign in as a browser does, which says with the next page where it comes from, and return where it ends."""
    typed = {"username": maria.email, "password": "maria-likes-tea"}
    answer = client.post(wanted, typed)
    assert answer.status_code == 302
    return client.get(answer.url, headers={"Referer": f"http://testserver{wanted}"})


@pytest.mark.parametrize(
    ("page", "comes_back_to"),
    [
        ("http://testserver/leads/7/?tab=notes", "/leads/7/%3Ftab%3Dnotes"),
        ("", "/today/"),
        (f"http://testserver{NOTES}", "/today/"),  # a form that was refused once is shown there
        ("https://elsewhere.example/leads/", "/today/"),
        ("http://testserver@elsewhere.example/", "/today/"),
        ("http://[/", "/today/"),
    ],
)
def test_a_form_that_was_sent_too_late_leads_back_to_its_page(maria, page, comes_back_to):
    answer = Client().post(NOTES, {"text": "likes tea"}, headers={"Referer": page} if page else {})

    assert (answer.status_code, answer["Location"]) == (302, f"/sign-in/?next={comes_back_to}")


def test_a_page_that_was_asked_for_is_come_back_to(maria):
    client = Client()
    answer = client.get("/password/?a=b", headers={"Referer": "http://testserver/leads/"})

    assert answer["Location"] == "/sign-in/?next=/password/%3Fa%3Db"
    assert come_in(client, maria, answer["Location"]).status_code == 200


def test_an_address_that_takes_forms_only_leads_on_to_the_morning(maria):
    client = Client()
    answer = client.get("/sign-out/everywhere/")
    arrived = come_in(client, maria, answer["Location"])

    assert (arrived.status_code, arrived["Location"]) == (302, "/today/")
    assert client.get("/sign-out/everywhere/").status_code == 405, "whoever is signed in anyway is told"


def test_signing_in_never_leads_to_itself(maria):
    client = Client()

    assert (
        client.post(
            "/sign-in/?next=/sign-in/%3Fnext=/sign-in/", {"username": maria.email, "password": "maria-likes-tea"}
        ).url
        == "/today/"
    )
    for wanted in ("/sign-in/", "/sign-in/?next=/sign-in/"):
        assert client.get("/sign-in/", {"next": wanted}).url == "/today/"
