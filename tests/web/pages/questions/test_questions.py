"""The playbook's questions on the page of a lead: who answered, what is inferred, what was ever said, and what to ask next."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone
from tests.web.conftest import member
from tests.web.pages.world import assess_everybody, make_live, starter_toml

from leadline.web.assessments.models import Assessment
from leadline.web.leads.merging import merge_leads, unmerge
from leadline.web.leads.models import Fact, Lead, Outcome
from leadline.web.leads.records import NewFact, NewOutcome, record_facts, record_outcomes
from leadline.web.pages.lead_page.actions import add_answer
from leadline.web.pages.questions.actions import NothingToDoError, restore_answer, withdraw_answer
from leadline.web.pages.questions.queries import questions_of
from leadline.web.playbooks.queries import find_live

NOW = datetime(2026, 3, 12, 10, 0, tzinfo=UTC)
RANK = ("person", "crm", "form", "import", "enrichment")


@pytest.fixture(autouse=True)
def _nothing_remembered():
    cache.clear()


@pytest.fixture
def ada(northwind):
    return Lead.objects.create(workspace=northwind, name="Ada", is_known=True, first_seen_at=NOW - timedelta(days=9))


def knows(lead, field, value, *, source="crm", at=NOW - timedelta(days=3), by=""):
    record_facts(
        lead.workspace,
        [NewFact(lead_id=lead.pk, field=field, value=value, known_at=at, source=source, by=by)],
        now=at,
        source_rank=RANK,
    )


def says(lead, question, answer, *, at=NOW, evidence="", by="omar@northwind.example"):
    return add_answer(lead, question=question, answer=answer, evidence=evidence, by=by, source_rank=RANK, now=at)


def asked(lead, question="budget", now=NOW):
    found = questions_of(Lead.objects.get(pk=lead.pk), find_live(lead.workspace_id), now)
    return next(one for one in found.asked if one.now.id == question)


def answers_of(lead):
    assess_everybody()
    return Assessment.objects.get(lead=lead).answers


def post(client, lead, what="", *, in_place=False, **said):
    headers = {"HX-Request": "true", "HX-Target": "questions"} if in_place else {}
    return client.post(f"/leads/{lead.pk}/answers/{what}", said, headers=headers)


# -- what holds -------------------------------------------------------------------------------------------------------


def test_what_a_person_says_wins_over_what_is_inferred_and_both_are_shown(ada, playbook):
    knows(ada, "budget_amount", 20_000)
    inferred = asked(ada)
    says(ada, "budget", "no", evidence="call, 12 March", at=NOW - timedelta(hours=1))
    said = asked(ada)

    assert (inferred.now.answer, inferred.now.said_by, inferred.said) == ("yes", "criteria", None)
    assert "10" in inferred.now.because.text and "20" in inferred.now.because.found
    assert (said.now.answer, said.now.said_by) == ("no", "person")
    assert (said.said.by, said.said.fact.evidence) == ("omar@northwind.example", "call, 12 March")
    assert said.inferred.answer == "yes" and said.inferred.because.text == inferred.now.because.text
    assert answers_of(ada)["budget"] == "no"


def test_withdrawing_lets_the_playbook_infer_again_and_keeps_what_was_said(ada, playbook):
    knows(ada, "budget_amount", 20_000)
    says(ada, "budget", "no", evidence="call", at=NOW - timedelta(hours=2))
    withdraw_answer(ada, question="budget", by="maria@northwind.example", now=NOW - timedelta(hours=1))

    found = asked(ada)

    assert (found.now.answer, found.now.said_by) == ("yes", "criteria")
    assert [(one.by, one.is_withdrawal, one.holds) for one in found.history] == [
        ("maria@northwind.example", True, False),
        ("omar@northwind.example", False, False),
    ]
    assert (found.may_withdraw, found.withdrawn.value) == (False, "no")
    assert answers_of(ada)["budget"] == "yes"


def test_what_was_withdrawn_can_be_put_back_with_its_evidence(ada, playbook):
    says(ada, "budget", "partly", evidence="mail of March", at=NOW - timedelta(hours=3))
    withdraw_answer(ada, question="budget", by="maria@northwind.example", now=NOW - timedelta(hours=2))

    restored = restore_answer(ada, question="budget", by="omar@northwind.example", now=NOW - timedelta(hours=1))
    found = asked(ada)

    assert restored == found.now.answer == "partly"
    assert found.said.fact.evidence == "mail of March"
    assert len(found.history) == 3
    assert [one.holds for one in found.history] == [True, False, False]


def test_there_is_nothing_to_withdraw_or_put_back_twice(ada, playbook):
    with pytest.raises(NothingToDoError):
        withdraw_answer(ada, question="budget", by="x")
    says(ada, "budget", "yes", at=NOW - timedelta(hours=3))
    with pytest.raises(NothingToDoError):
        restore_answer(ada, question="budget", by="x")
    withdraw_answer(ada, question="budget", by="x", now=NOW - timedelta(hours=2))
    with pytest.raises(NothingToDoError):
        withdraw_answer(ada, question="budget", by="x")

    assert Fact.objects.filter(field="questions.budget").count() == 2


def test_an_answer_of_the_crm_is_no_persons_to_withdraw(ada, playbook):
    knows(ada, "questions.budget", "yes")

    found = asked(ada)

    assert (found.now.answer, found.said.by, found.may_withdraw) == ("yes", "crm", False)
    says(ada, "budget", "no", at=NOW - timedelta(hours=1))
    assert asked(ada).now.answer == "no"
    withdraw_answer(ada, question="budget", by="x", now=NOW)
    assert asked(ada).now.answer == "yes"


def test_answers_about_a_lead_that_was_merged_can_be_withdrawn_and_go_back_with_it(northwind, ada, playbook):
    twin = Lead.objects.create(workspace=northwind, name="Ada L.", is_known=True, first_seen_at=NOW)
    says(twin, "budget", "yes", at=NOW - timedelta(hours=3))
    merge = merge_leads(twin, ada, because="by hand")
    assert asked(ada).now.answer == "yes"

    withdraw_answer(ada, question="budget", by="x", now=NOW - timedelta(hours=1))

    assert asked(ada).now.answer == "unknown"
    unmerge(merge)
    assert asked(twin).now.answer == "unknown"
    assert len(asked(twin).history) == 2
    assert asked(ada).history == ()


def test_what_is_known_only_later_is_history_and_does_not_hold_yet(ada, playbook):
    says(ada, "budget", "yes", at=NOW)

    early = asked(ada, now=NOW - timedelta(hours=1))

    assert (early.now.answer, early.said, len(early.history)) == ("unknown", None, 1)


def test_without_questions_or_a_word_on_scoring_there_is_no_card(northwind, ada):
    toml = starter_toml()
    make_live(northwind, toml[: toml.index("[questions.budget]")] + "[[exclusions]]" + toml.split("[[exclusions]]", 1)[1]
              .replace("answered_yes >= 3", "fit >= 0").replace("answered_yes >= 2", "fit >= 0"))  # fmt: skip
    assert questions_of(ada, find_live(northwind.pk), NOW) is None
    make_live(northwind, toml.replace("needs_consent = false", "needs_consent = true"), number=2)
    assert questions_of(ada, find_live(northwind.pk), NOW) is None


# -- what to ask next -------------------------------------------------------------------------------------------------


def test_the_next_question_is_the_one_that_would_qualify_them(as_omar, ada, playbook):
    record_outcomes(
        ada.workspace,
        [NewOutcome(lead_id=ada.pk, outcome="accepted", at=NOW - timedelta(days=1), source="crm")],
        now=NOW,
    )
    says(ada, "authority", "yes", at=NOW - timedelta(hours=2))
    says(ada, "timeline", "yes", at=NOW - timedelta(hours=1))

    found = questions_of(ada, find_live(ada.workspace_id), NOW)

    assert (found.ask_next.id, found.ask_next.why) == ("budget", "A yes would make them Sales qualified.")
    assert Outcome.objects.count() == 1  # supposing writes nothing
    page = as_omar.get(f"/leads/{ada.pk}/").content.decode()
    assert "Ask next: <b>Is there money for this?</b> A yes would make them Sales qualified." in page


def test_nothing_is_asked_next_where_everything_is_answered(ada, playbook):
    for question in ("budget", "authority", "need", "timeline"):
        says(ada, question, "no", at=NOW - timedelta(hours=1))

    assert questions_of(ada, find_live(ada.workspace_id), NOW).ask_next is None


@pytest.mark.parametrize(("outcome", "is_asked"), [("disqualified", False), ("rejected", False), ("opportunity", True)])
def test_nothing_is_asked_next_of_who_was_given_back_and_is_kept_out(as_omar, ada, playbook, outcome, is_asked):
    said = [
        NewOutcome(lead_id=ada.pk, outcome=one, at=NOW - timedelta(days=days), source="crm")
        for one, days in (("accepted", 3), (outcome, 1))
    ]
    record_outcomes(ada.workspace, said, now=NOW)

    found = questions_of(ada, find_live(ada.workspace_id), NOW)

    assert (found.ask_next is not None) == is_asked
    assert found.asked, "the answers are shown all the same"


# -- forms ------------------------------------------------------------------------------------------------------------


def test_a_form_answers_withdraws_and_puts_back(as_omar, omar, ada, playbook):
    answered = post(as_omar, ada, question="budget", answer="yes", evidence="call, 12 March")

    assert answered.headers["Location"] == f"/leads/{ada.pk}/#questions"
    fact = Fact.objects.get(field="questions.budget")
    assert (fact.value, fact.source, fact.by, fact.evidence) == ("yes", "person", omar.email, "call, 12 March")
    assert answers_of(ada)["budget"] == "yes"

    post(as_omar, ada, "withdraw/", question="budget")
    assert answers_of(ada)["budget"] == "unknown"
    post(as_omar, ada, "restore/", question="budget")
    assert answers_of(ada)["budget"] == "yes"
    assert Fact.objects.filter(field="questions.budget").count() == 3


def test_in_place_the_card_comes_back_and_the_rest_of_the_page_hears_of_it(as_omar, ada, playbook):
    answered = post(as_omar, ada, in_place=True, question="budget", answer="yes", evidence="<b>call</b>")
    text = answered.content.decode()

    assert answered.status_code == 200 and answered.headers["HX-Trigger"] == "lead-answered"
    assert text.lstrip().startswith('<section class="card" id="questions"') and "<html" not in text
    assert "The answer was noted." in text and "Said by Omar" in text
    assert "&lt;b&gt;call" in text and "<b>call" not in text
    again = post(as_omar, ada, in_place=True, question="budget", answer="yes").content.decode()
    assert "That was the answer already." in again
    withdrawn = post(as_omar, ada, "withdraw/", in_place=True, question="budget").content.decode()
    assert "Undo: put “yes” back" in withdrawn
    assert (
        "The answer is yes again." in post(as_omar, ada, "restore/", in_place=True, question="budget").content.decode()
    )


@pytest.mark.parametrize(
    ("what", "said", "because"),
    [
        ("", {"question": "colour", "answer": "yes"}, "does not ask this any more"),
        ("", {"question": "budget", "answer": "perhaps"}, "An answer is yes, partly or no"),
        ("", {"question": "budget", "answer": ""}, "Choose yes, partly or no"),
        ("", {}, "required"),
        ("withdraw/", {"question": "colour"}, "does not ask this any more"),
        ("withdraw/", {"question": "budget"}, "nothing to withdraw"),
        ("restore/", {"question": "budget"}, "nothing to put back"),
    ],
)
def test_what_cannot_be_done_is_refused_and_says_why(as_omar, ada, playbook, what, said, because):
    refused = post(as_omar, ada, what, in_place=True, **said)

    assert refused.status_code == 422 and "HX-Trigger" not in refused.headers
    assert because in refused.content.decode() and 'role="alert"' in refused.content.decode()
    page = as_omar.post(f"/leads/{ada.pk}/answers/{what}", said, follow=True)
    assert "note error" in page.content.decode()
    assert not Fact.objects.exists()


def test_without_a_live_playbook_nothing_is_noted(as_omar, ada):
    post(as_omar, ada, question="budget", answer="yes")

    assert post(as_omar, ada, in_place=True, question="budget", answer="yes").status_code == 422
    assert not Fact.objects.exists()


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:x", "leads"]
)
def test_a_form_comes_back_to_pages_of_ours_only(as_omar, ada, playbook, back):
    ours = post(as_omar, ada, question="budget", answer="yes", back="/queue/?lead=7#top")
    assert ours.headers["Location"] == "/queue/?lead=7#questions"

    assert (
        post(as_omar, ada, question="budget", answer="no", back=back).headers["Location"]
        == f"/leads/{ada.pk}/#questions"
    )


def test_an_answer_about_a_merged_lead_goes_to_who_has_its_log_now(as_omar, northwind, ada, playbook):
    twin = Lead.objects.create(workspace=northwind, name="Ada L.", is_known=True, first_seen_at=NOW)
    merge_leads(twin, ada, because="by hand")

    answered = post(as_omar, twin, question="budget", answer="yes")

    assert answered.headers["Location"] == f"/leads/{ada.pk}/#questions"
    assert Fact.objects.get(field="questions.budget").first_lead == ada


def test_a_viewer_sees_answers_and_history_but_no_forms(client, northwind, ada, playbook):
    says(ada, "budget", "yes", evidence="call", at=timezone.now())
    assess_everybody()
    client.force_login(member(northwind, "Vera", "viewer"))

    text = client.get(f"/leads/{ada.pk}/").content.decode()

    assert "Said by omar@northwind.example" in text and "All that was said (1)" in text
    assert "/answers/" not in text


def test_the_card_asks_the_database_a_bounded_number_of_times(as_omar, ada, playbook, django_assert_max_num_queries):
    for number in range(40):
        says(ada, "budget", ("yes", "no")[number % 2], at=NOW + timedelta(minutes=number))
    with django_assert_max_num_queries(30):
        answered = post(as_omar, ada, in_place=True, question="budget", answer="partly")

    assert len(answered.content) < 60_000
