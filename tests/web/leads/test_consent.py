"""Consent: words are appended, the latest counts, and who may not be scored is not."""

from datetime import timedelta
from itertools import permutations

import pytest
from django.db import transaction

from leadline.web.assessments import jobs
from leadline.web.assessments.models import Assessment
from leadline.web.leads.consent import (
    Basis,
    Purpose,
    consent_history,
    give_consent,
    withdraw_consent,
    words_of_one_source,
)
from leadline.web.leads.models import Fact, Lead
from leadline.web.leads.records import NewFact, record_facts
from leadline.web.playbooks.actions import publish

PLAYBOOK = """
[playbook]
name = "careful"
needs_consent = true

[sources]
rank = ["person", "crm", "form"]

[scores.fit]
title = "Fit"

[[criteria]]
id = "country"
score = "fit"
why = "In a country that we serve"
when = "country = 'DE'"
points = 10
"""


@pytest.fixture
def ada(northwind, now):
    lead = Lead.objects.create(workspace=northwind, name="Ada", first_seen_at=now - timedelta(days=30))
    say(lead, "country", "DE", now - timedelta(days=30), "crm")
    return lead


@pytest.fixture
def careful(northwind, maria, now):
    return publish(northwind, toml=PLAYBOOK, by=maria, now=now)


def say(lead, field, value, at, source):
    with transaction.atomic():
        record_facts(
            lead.workspace, [NewFact(field=field, value=value, known_at=at, source=source, lead_id=lead.pk)], now=at
        )


def assessed(lead, at):
    """The points of fit that the app stores of a lead, or why there are none."""
    while jobs.assess_due(now=at) or jobs.prepare_versions(now=at):
        pass
    found = Assessment.objects.get(lead=lead, version__state="live")
    return found.excluded_by or found.scores["fit"]


def standing(lead, purpose=Purpose.SCORING):
    return next(one for one in consent_history(lead) if one.purpose == purpose)


def test_who_has_not_agreed_is_not_scored_and_who_agrees_is(careful, ada, omar, now):
    assert assessed(ada, now) == "consent"

    give_consent(ada, "scoring", basis="consent", how="Asked on the phone", by=omar, now=now + timedelta(hours=1))

    assert assessed(ada, now + timedelta(hours=2)) == 100_000


def test_who_takes_it_back_is_scored_no_more(careful, ada, omar, now):
    give_consent(ada, Purpose.SCORING, basis=Basis.CONSENT, how="Asked", by=omar, now=now)
    assert assessed(ada, now + timedelta(minutes=1)) == 100_000

    withdraw_consent(ada, Purpose.SCORING, how="Mail of 2 March", by=omar, now=now + timedelta(hours=1))

    assert assessed(ada, now + timedelta(hours=2)) == "consent"


def test_consent_to_contact_is_no_consent_to_scoring(careful, ada, omar, now):
    give_consent(ada, Purpose.CONTACT, basis=Basis.CONSENT, how="Asked", by=omar, now=now)

    assert assessed(ada, now + timedelta(minutes=1)) == "consent"
    assert (standing(ada, Purpose.CONTACT).is_given, standing(ada).is_given) == (True, False)


def test_a_withdrawal_by_a_weak_source_is_not_outranked_by_an_older_yes(careful, ada, omar, now):
    give_consent(ada, Purpose.SCORING, basis=Basis.CONSENT, how="Asked", by=omar, now=now)
    say(ada, "consent.scoring", "no", now + timedelta(hours=1), "form")

    assert assessed(ada, now + timedelta(hours=2)) == "consent"
    assert not standing(ada).is_given


def test_the_history_keeps_every_word_with_its_basis(ada, omar, now):
    give_consent(
        ada,
        "contact",
        basis="legitimate_interest",
        how="Card at the fair.",
        text="We may\nwrite to you.",
        by=omar,
        now=now,
    )
    withdraw_consent(ada, "contact", by=omar, now=now + timedelta(days=1))

    last, first = standing(ada, Purpose.CONTACT).history
    assert (last.is_given, last.evidence, last.by) == (False, "Withdrawn.", omar.email)
    assert (first.is_given, first.known_at, first.evidence) == (
        True,
        now,
        "Legitimate interest. How: Card at the fair. Shown: “We may write to you”",
    )
    assert Fact.objects.filter(field="consent.contact").count() == 2


def test_a_basis_that_is_none_is_refused_and_nothing_is_written(ada, omar, now):
    with pytest.raises(ValueError, match="because_we_can"):
        give_consent(ada, "contact", basis="because_we_can", how="?", by=omar, now=now)

    assert not Fact.objects.filter(field="consent.contact").exists()


def test_what_was_said_before_a_merge_is_the_survivors(northwind, ada, omar, now):
    from leadline.web.leads.merging import merge_leads

    other = Lead.objects.create(workspace=northwind, name="A. Lovelace", first_seen_at=now)
    withdraw_consent(other, "contact", by=omar, now=now)

    merge_leads(other, ada, because="by hand", now=now)

    assert not standing(ada, Purpose.CONTACT).is_given
    assert standing(ada, Purpose.CONTACT).last is not None


def test_of_words_of_one_moment_a_no_is_left_in_any_order(now):
    words = [
        Fact(lead_id=1, field="consent.contact", value=value, known_at=now, recorded_at=now, source=source)
        for value, source in (("yes", "person"), ("no", "form"), (None, "crm"))
    ]

    for order in permutations(words):
        assert [(one.value, one.source) for one in words_of_one_source(order)] == [("no", "consent")]
