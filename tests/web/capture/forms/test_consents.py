"""A form asks for each consent by itself: what is ticked is said with the words that were shown, and what is not says nothing."""

import json
import re
from datetime import timedelta
from itertools import chain, combinations

import pytest
from django.utils import timezone
from tests.web.assessments.conftest import PLAYBOOK, settle
from tests.web.capture.forms.conftest import ADDRESS, AGREEMENT, SCORING
from tests.web.capture.forms.test_form_pages import typed

from leadline.web.assessments.models import Assessment
from leadline.web.capture.forms import guard
from leadline.web.capture.forms.answer_form import TRAP
from leadline.web.capture.forms.consents import A_SCORING_TEXT, BOXES, MOST_TEXT
from leadline.web.capture.models import Delivery, Form, RefusedEvent
from leadline.web.capture.refused.actions import replay
from leadline.web.capture.tracking.take_apart import take_deliveries
from leadline.web.leads.consent import consent_history
from leadline.web.leads.export import export_person
from leadline.web.leads.models import Fact, Lead
from leadline.web.playbooks.actions import publish

WORDS = {"contact": AGREEMENT, "scoring": SCORING}
SOME = [set(some) for some in chain.from_iterable(combinations(WORDS, count) for count in range(3))]
NEEDS_CONSENT = PLAYBOOK.replace('timezone = "Europe/Berlin"', 'timezone = "Europe/Berlin"\nneeds_consent = true')


def consents():
    """Return what is known: purpose → value and evidence."""
    rows = Fact.objects.filter(field__startswith="consent.").order_by("pk")
    return {row.field.removeprefix("consent."): (row.value, row.evidence) for row in rows}


def ticked(*purposes):
    return {BOXES[purpose]: "on" for purpose in purposes}


# -- answers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("agreed", SOME, ids=lambda some: "+".join(sorted(some)) or "none")
def test_each_box_is_a_fact_of_its_own_with_its_own_words_and_an_empty_one_is_none(send, agreed):
    send({"job": "CFO", **ticked(*agreed)})
    take_deliveries()

    found = consents()
    assert {purpose: value for purpose, (value, _) in found.items()} == dict.fromkeys(agreed, "yes")
    for purpose, (_, evidence) in found.items():
        assert [other for other, words in WORDS.items() if words in evidence] == [purpose]
    others = Fact.objects.exclude(field__startswith="consent.").values_list("evidence", flat=True)
    assert set(others) == {"Answered on the form “Ask for a demo” (demo)."}


def test_the_words_are_those_that_were_shown_also_when_the_form_reads_otherwise_by_then(send):
    send(ticked("contact", "scoring"))
    Form.objects.update(contact_text="Something else", scoring_text="", title="Another")
    take_deliveries()

    assert {purpose: evidence for purpose, (_, evidence) in consents().items()} == {
        purpose: f"Consent. How: form “Ask for a demo” (demo). Shown: “{words}”" for purpose, words in WORDS.items()
    }


def test_an_empty_box_takes_no_earlier_yes_back(send):
    send(ticked("contact", "scoring"))
    send({"job": "CEO"})
    take_deliveries()

    lead = Lead.objects.get()
    assert [standing.is_given for standing in consent_history(lead)] == [True, True]
    assert Fact.objects.filter(field__startswith="consent.").count() == 2


def test_who_agrees_to_other_words_has_said_something_new(send):
    send(ticked("scoring"))
    take_deliveries()
    Form.objects.update(scoring_text="You may judge me by all that you know.")
    send(ticked("scoring"))
    take_deliveries()

    words = Fact.objects.filter(field="consent.scoring").order_by("pk").values_list("evidence", flat=True)
    assert ["all that you know" in one for one in words] == [False, True]


@pytest.mark.parametrize("sent", ["", "no", "off", "0", "false", "nein"])
def test_what_is_no_tick_is_no_consent(send, sent):
    """Sites of the form's own may send what they like, such as a choice between yes and no."""
    send(dict.fromkeys(BOXES.values(), sent))
    take_deliveries()

    assert Lead.objects.exists()
    assert consents() == {}


def test_what_is_not_asked_for_cannot_be_agreed_to(send):
    Form.objects.update(scoring_text="")

    send({**ticked("contact", "scoring"), "consent": "on", "consent.scoring": "yes"})
    take_deliveries()

    assert consents().keys() == {"contact"}


@pytest.mark.parametrize("purpose", list(WORDS))
def test_the_longest_words_under_the_longest_title_are_evidence_to_the_last_letter(send, purpose):
    words = "x" * (MOST_TEXT - 5) + " ende"
    Form.objects.update(title="T" * 200, slug="s" * 60, contact_text=words, scoring_text=words)
    send(ticked(purpose), address=f"/f/northwind/{'s' * 60}/")
    take_deliveries()

    ((_, evidence),) = consents().values()
    assert evidence.endswith(f"Shown: “{words}”") and len(evidence) <= 1000


def test_a_trapped_answer_that_a_person_takes_in_says_what_was_ticked_then(send):
    send({TRAP: "x", **ticked("scoring")})
    Form.objects.update(scoring_text="Something else")

    replay(RefusedEvent.objects.get())
    take_deliveries()

    assert {purpose: SCORING in evidence for purpose, (_, evidence) in consents().items()} == {"scoring": True}


def test_the_export_of_a_person_has_both_with_their_words(send):
    send(ticked("contact", "scoring"))
    take_deliveries()

    text = json.dumps(export_person(Lead.objects.get()), ensure_ascii=False)
    assert AGREEMENT in text and SCORING in text


@pytest.mark.parametrize(("agreed", "excluded_by"), [((), "consent"), (("contact",), "consent"), (("scoring",), "")])
def test_where_a_basis_is_needed_who_ticks_that_box_is_scored_and_nobody_else(
    send, northwind, maria, agreed, excluded_by
):
    now = timezone.now()
    publish(northwind, toml=NEEDS_CONSENT, by=maria, now=now - timedelta(minutes=5))
    settle(now - timedelta(minutes=4))
    send(ticked(*agreed))
    take_deliveries()
    settle(timezone.now() + timedelta(seconds=1))

    assert (Assessment.objects.get().excluded_by or "") == excluded_by


# -- the public page -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["", "?consent_contact=on&consent_scoring=on&consent=on"])
def test_no_box_is_ticked_before(demo, visitor, query):
    text = visitor.get(f"{ADDRESS}{query}").content.decode()

    assert AGREEMENT in text and SCORING in text
    assert boxes_in(text) == dict.fromkeys(BOXES.values(), (False, False))


def boxes_in(text):
    """Return of the boxes in a page whether each is ticked, and whether it has to be."""
    tags = re.findall(r'<input type="checkbox" name="(consent_[a-z]+)"([^>]*)>', text)
    return {name: ("checked" in rest, "required" in rest) for name, rest in tags}


def test_what_was_ticked_stays_when_something_else_is_wrong_and_nothing_more(send):
    text = send({"email": "ada", **ticked("scoring")}).content.decode()

    assert boxes_in(text) == {BOXES["contact"]: (False, False), BOXES["scoring"]: (True, False)}


def test_nobody_agrees_to_words_that_changed_while_the_page_was_open(demo, visitor):
    ticket = guard.make_ticket(demo, "", timezone.now() - timedelta(seconds=30))
    Form.objects.update(scoring_text="You may sell all that you know of me.")
    typed = {"email": "ada@acme.example", "job": "CFO", "ticket": ticket, **ticked("contact", "scoring")}

    answer = visitor.post(ADDRESS, typed)

    text = answer.content.decode()
    assert answer.status_code == 422 and "has changed since you opened this page" in text
    assert 'value="CFO"' in text and "You may sell all" in text
    assert boxes_in(text) == dict.fromkeys(BOXES.values(), (False, False))
    assert not Delivery.objects.exists()
    without = {name: value for name, value in typed.items() if name not in BOXES.values()}
    assert visitor.post(ADDRESS, without).status_code == 302  # who agreed to nothing need not read it again


# -- the editor ----------------------------------------------------------------------------------------------------


def test_an_editor_writes_both_words(as_maria):
    as_maria.post(
        "/forms/new/",
        typed({"contact_text": "Write to me.", "scoring_text": "Judge me.", "origins": "https://a.example"}),
    )

    form = Form.objects.get()
    assert (form.contact_text, form.scoring_text) == ("Write to me.", "Judge me.")
    text = as_maria.get(f"/forms/{form.pk}/").content.decode()
    for words in ("“Write to me.”", "“Judge me.”", "consent_contact", "consent_scoring"):
        assert words in text


@pytest.mark.parametrize("name", ["consent_contact", "consent_scoring"])
def test_no_field_takes_the_name_of_a_box(as_maria, name):
    rows = [
        {"label": "E-mail", "type": "email", "required": "on", "fact": "email"},
        {"label": "Box", "type": "yes", "name": name},
    ]
    as_maria.post("/forms/new/", typed(rows=rows))

    assert [one["name"] for one in Form.objects.get().fields] == ["e_mail", "box"]


@pytest.fixture
def _basis_is_needed(northwind, maria):
    now = timezone.now()
    publish(northwind, toml=NEEDS_CONSENT, by=maria, now=now)
    settle(now)


@pytest.mark.usefixtures("_basis_is_needed")
def test_where_a_basis_is_needed_a_new_form_asks_for_it(as_maria):
    text = as_maria.get("/forms/new/").content.decode()

    assert text.count(A_SCORING_TEXT) == 3  # in the box to write in, the help below it, and the preview
    assert "Your playbook scores only who has agreed" not in text


@pytest.mark.usefixtures("_basis_is_needed")
def test_where_a_basis_is_needed_a_form_that_does_not_ask_for_it_says_so(as_maria, demo):
    pages = (f"/forms/{demo.pk}/", f"/forms/{demo.pk}/edit/")
    warning = "Your playbook scores only who has agreed to it"
    assert [warning in as_maria.get(page).content.decode() for page in pages] == [False, False]
    Form.objects.update(scoring_text="")

    assert [warning in as_maria.get(page).content.decode() for page in pages] == [True, True]


def test_where_none_is_needed_nothing_is_asked_for_or_said(as_maria, demo):
    Form.objects.update(scoring_text="")

    assert as_maria.get("/forms/new/").context["editor"]["scoring_text"].value() == ""
    assert "Your playbook scores only" not in as_maria.get(f"/forms/{demo.pk}/").content.decode()


# -- in a browser --------------------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_a_visitor_ticks_one_box_with_the_keyboard_and_that_one_is_said(visit, maria, demo, javascript):
    seen = visit(maria, javascript=javascript)
    seen.go(ADDRESS)
    if javascript:  # which axe needs
        seen.shoot_every_look("form-consents", full=True)
        seen.check_accessibility()
    boxes = [seen.page.get_by_label(words) for words in (AGREEMENT, SCORING)]
    assert [box.is_checked() for box in boxes] == [False, False]
    seen.page.get_by_label("Work e-mail").fill("ada@acme.example")
    boxes[1].focus()
    seen.page.keyboard.press("Space")
    seen.page.wait_for_timeout(2_100)  # nobody reads and types faster
    seen.page.get_by_role("button", name="Send").click()
    seen.page.get_by_text("We will be in touch").wait_for()
    take_deliveries()

    assert consents().keys() == {"scoring"}


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_maria_makes_a_form_and_sees_it_beside(visit, maria, northwind, javascript):
    seen = visit(maria, javascript=javascript)
    seen.go("/forms/new/")
    if javascript:  # which axe needs
        seen.shoot_every_look("form-new", full=True)
        seen.check_accessibility()
    page = seen.page
    page.get_by_label("Title").fill("Talk to us")
    page.get_by_label("Event").fill("Contact Requested")
    page.get_by_label("To being scored").fill("Judge me by my answers.")
    page.get_by_role("button", name="Add a field").click()
    seen.arrive()
    page.get_by_role("group", name="Field 3", exact=True).get_by_label("Label").fill("Team size")
    if not javascript:
        page.get_by_role("button", name="Refresh").click()
    preview = page.get_by_role("region", name="Preview")
    preview.get_by_label("Team size").wait_for()
    assert preview.get_by_label("Judge me by my answers.").is_disabled()
    assert page.get_by_role("group", name="Field 3", exact=True).get_by_label("Label").input_value() == "Team size"
    if javascript:  # which axe needs
        seen.shoot_every_look("form-new-typed", full=True)
        seen.check_accessibility()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("“Talk to us” is saved.").wait_for()

    form = Form.objects.get()
    assert (form.scoring_text, form.contact_text) == ("Judge me by my answers.", "")
    assert [one["label"] for one in form.fields] == ["Work e-mail", "Name", "Team size"]
