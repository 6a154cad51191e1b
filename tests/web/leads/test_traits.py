"""Traits become fields of facts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.web.leads.says import BEGIN

from leadline.web.leads.claims import clean_address, clean_value, make_claim, system_of
from leadline.web.leads.facts import is_internal
from leadline.web.leads.traits import bounded, company_facts_of, facts_of, trait_field


def test_names_are_written_as_playbooks_write_them():
    said = {"firstName": "Ann", "Last Name": "Lee", "jobTitle": "CFO", "favourite-colour": "red"}

    assert facts_of(said) == {"first_name": "Ann", "last_name": "Lee", "title": "CFO", "favourite_colour": "red"}


def test_an_address_is_lower_case_and_what_is_none_is_left_out():
    assert facts_of({"email": " Ann@Acme.COM "}) == {"email": "ann@acme.com"}
    assert facts_of({"email": "ann at acme"}) == {}
    assert facts_of({"email": None}) == {"email": None}


def test_of_a_company_and_a_postal_address_the_parts_of_a_card_are_taken():
    said = {
        "company": {"name": "Acme", "plan": "x"},
        "address": {"country": "DE", "street": "Way 1"},
        "nested": {"a": 1},
    }

    assert facts_of(said) == {"company": "Acme", "country": "DE"}


def test_consent_and_answers_come_from_our_forms_only():
    said = {"consent.scoring": "yes", "questions.budget": "yes", "consent.": "x", "_company": "17"}

    assert facts_of(said) == {"consent_scoring": "yes", "questions_budget": "yes", "consent": "x", "company": "17"}
    assert facts_of(said, may_answer=True)["consent.scoring"] == "yes"
    assert not any(is_internal(name) for name in facts_of(said, may_answer=True))


def test_a_company_says_its_size_and_its_domain():
    said = {"name": "Acme", "employeeCount": 51, "website": "https://www.acme.co.uk/about", "domain": None}

    assert company_facts_of(said) == {"name": "Acme", "employees": 51, "domain": "acme.co.uk"}


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("x" * 2000, "x" * 1000),
        ("  ", None),
        ("a\x00b", "ab"),
        (float("nan"), None),
        (float("inf"), None),
        (2**70, float(2**70)),
        (10**400, None),
        ({"a": 1}, None),
        (["a", 1, None, "", ["b"]], ["a", "1"]),
        ([], None),
        (True, True),
        (0, 0),
    ],
)
def test_values_are_kept_in_bounds(value, kept):
    assert bounded(value) == kept


@given(st.dictionaries(st.text(max_size=30), st.text(max_size=30), max_size=100))
def test_whatever_is_said_gives_few_short_fields_that_nobody_else_uses(said):
    for name in facts_of(said):
        assert 0 < len(name) <= 100
        assert name == trait_field(name)
        assert not is_internal(name)
    assert len(facts_of(said)) <= 60


@pytest.mark.parametrize(
    "text", ["", "ann", "ann@acme", "@acme.com", "a b@acme.com", "ann@acme..com ", "ann@.com", None, 7, "a@b.c" * 99]
)
def test_what_is_no_address_is_none(text):
    assert clean_address(text) == ""


def test_ids_that_are_too_long_are_kept_as_their_hash():
    assert clean_value("user", "u" * 255) == "u" * 255
    assert clean_value("user", "u" * 256).startswith("sha256:")
    assert clean_value("user", "u" * 256) != clean_value("user", "u" * 257)


def test_a_claim_names_the_strongest_first_and_a_browser_of_its_own_when_none_is_named():
    named = [("email", "Ann@acme.com"), ("crm", "hubspot:1"), ("user", " u1 ")]

    claim = make_claim(named, source="website", is_verified=False, at=BEGIN)

    assert claim.strong == (("user", "u1"), ("crm", "hubspot:1"), ("email", "ann@acme.com"))
    assert claim.anonymous == ("anonymous", "user:u1")
    assert make_claim(named, source="backend", is_verified=True, at=BEGIN).anonymous is None


def test_ids_of_one_crm_are_of_one_system():
    assert system_of(("crm", "hubspot:1")) == system_of(("crm", "hubspot:2")) != system_of(("crm", "salesforce:1"))
    assert system_of(("email", "ann@acme.com")) is None
