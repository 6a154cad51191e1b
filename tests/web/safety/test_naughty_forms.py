"""Whatever somebody writes into a field is stored or refused with a sentence, and never a fault; and the page after it shows it as text."""

import pytest
from django import forms
from django.contrib.auth.tokens import default_token_generator
from django.forms.forms import BaseForm
from django.test import Client, RequestFactory
from django.urls import get_resolver
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from hypothesis import given
from hypothesis import strategies as st
from tests.web.pages.rows import make_lead
from tests.web.pages.world import make_live, starter_toml
from tests.web.safety.naughty import KINDS, TEXTS, some_of
from tests.web.safety.places import PLACES
from tests.web.safety.shown import read
from tests.web.test_access import list_patterns, make

from leadline.web.accounts.models import User
from leadline.web.capture.bots.forms import RuleForm
from leadline.web.capture.models import Form, ImportRun
from leadline.web.handoff.models import HandOff
from leadline.web.handoff.teams.actions import make_team
from leadline.web.pages.queue.forms import SnoozeForm
from leadline.web.playbooks.models import Draft
from leadline.web.playbooks.proposals.rules import Text

_TEXT_WIDGETS = (forms.widgets.Input, forms.Textarea)
_NO_TEXT_WIDGETS = (forms.CheckboxInput, forms.FileInput)
_ALONE = 8
"""A form gets all texts in each field, in all fields at once; and one in so many in a field alone, beside what people would type."""
_SENT, _SENT_ALONE = 24, 64
"""The same through its address, where a page is made each time: one in so many of either, each field others."""


def all_forms(begin=BaseForm):
    for one in begin.__subclasses__():
        yield from all_forms(one)
        if one.__module__.startswith("leadline.web.") and not one.__name__.startswith("_"):
            yield one


def text_fields(fields):
    """Return the names of the fields into which a text could come, whatever the page offers: hidden ones and numbers too."""
    return [
        name
        for name, one in fields.items()
        if isinstance(one.widget, _TEXT_WIDGETS) and not isinstance(one.widget, _NO_TEXT_WIDGETS)
    ]


@pytest.fixture
def world(northwind, maria, now, settings, monkeypatch, tmp_path):
    """A workspace with one of everything that stands in an address."""
    settings.SETUP_CODE = ""
    monkeypatch.setattr("leadline.web.accounts.forms._list_places", lambda: ("Europe/Berlin",))  # not hundreds a page
    make_live(northwind, starter_toml())
    lead = make_lead(northwind, "Ada", email="ada@northwind.example")
    slugs = make("public form", northwind, now)
    fields = [
        {"name": name, "label": name.title(), "type": kind, "required": False, "options": ["a"], "fact": fact}
        for name, kind, fact in (
            ("email", "email", "email"), ("job", "text", "title"), ("words", "long", ""), ("seats", "number", ""),
            ("phone", "phone", "phone"),
        )
    ]  # fmt: skip
    Form.objects.update(fields=fields)
    link = [urlsafe_base64_encode(force_bytes(maria.pk)), default_token_generator.make_token(maria)]
    settings.UPLOADS = tmp_path
    (tmp_path / "a.csv").write_text("email\nada@northwind.example\n", encoding="utf-8")
    import_id = make("import", northwind, now)[0]
    draft = Draft.objects.get(pk=make("draft", northwind, now)[0])
    draft.toml = starter_toml().replace("Fit: who they are", "Fit: who they may be", 1)
    draft.save()
    number = make("proposal", northwind, now)[0]
    text = Text(draft.toml.replace("may be", "might be", 1), "")
    Draft.objects.filter(proposals__number=number).update(toml=text.toml)
    maria.memberships.update(approves_sales=True)
    refused_id = make("refused event", northwind, now)[0]
    handoff = HandOff.objects.create(
        workspace=northwind, lead=lead, qualification="mql", began_at=now, opened_at=now, version_number=1
    )
    return {
        "workspace": northwind,
        "maria": maria,
        "form": Form.objects.get(),
        "run": ImportRun.objects.get(pk=import_id),
        "{lead}": f"/leads/{lead.pk}/",
        "{lead id}": str(lead.pk),
        "{hand-off}": f"/queue/{handoff.pk}/",
        "{queue}": f"/queue/?box=all&at={handoff.pk}",
        "{public form}": f"/f/{slugs[0]}/{slugs[1]}/",
        "{import}": f"/import/{import_id}/",
        "{refused}": f"/refused/{refused_id}/",
        "{webhook}": f"/settings/webhooks/{make('webhook', northwind, now)[0]}/",
        "{team}": f"/settings/teams/{make_team(northwind, slug='sales', name='Sales').pk}/",
        "{channel}": f"/settings/notices/{make('channel', northwind, now)[0]}/",
        "{person}": f"/settings/teams/people/{maria.memberships.get().pk}/",
        "draft": draft,
        "{proposal}": f"/playbook/proposals/{number}/",
        "{digest}": text.digest,
        "{draft}": f"/playbook/drafts/{draft.pk}/",
        "{link}": f"/password/choose/{link[0]}/{link[1]}/",
        "{playbook}": starter_toml(),
    }


def filled(text, world):
    """Return a text with what the world has in place of its braces."""
    if not isinstance(text, str):
        return text
    for mark, value in world.items():
        if mark.startswith("{"):
            text = text.replace(mark, value)
    return text


def make_form(place, data, world):
    name, more = place.form.__name__, {}
    if place.make:
        return place.make(data, world)
    match name:
        case "SignInForm":
            return place.form(RequestFactory().post("/sign-in/"), data)
        case "ChangePasswordForm" | "ChoosePasswordForm":
            return place.form(world["maria"], data)
        case "WelcomeForm":
            more = {"address": "127.0.0.1"}
        case "HookForm":
            more = {"workspace": world["workspace"]}
        case "AnswerForm" if "capture" in place.form.__module__:
            return place.form(world["form"], data)
        case "AnswerForm":
            more = {"words": None}
        case "WantedForm":
            return place.form(world["workspace"], [], data)
        case "ReadingForm":
            return place.form(world["run"], data)
        case "ViewForm":
            more = {"member": world["maria"].memberships.get()}
        case "FieldRow":
            more = {"prefix": "f-0"}
    return place.form(data, **more)


def test_every_form_of_the_app_stands_among_the_places():
    list(list_patterns(get_resolver()))  # loads all pages, and with them their forms
    known = {place.form for place in PLACES}
    with_texts = {one for one in all_forms() if text_fields(one.base_fields)}

    assert {one.__qualname__ for one in with_texts - known} == set()


@pytest.mark.parametrize("place", PLACES, ids=lambda one: one.name)
def test_a_form_takes_or_refuses_every_text_in_words(world, place):
    rest = {name: filled(value, world) for name, value in place.rest.items()}
    names = text_fields(make_form(place, None, world).fields)
    assert names, "this form has no text in it, and need not stand here"

    for texts in fillings(names, every=1, alone=_ALONE, first=len(place.name)):
        form = make_form(place, rest | {place.prefix + name: text for name, text in texts.items()}, world)
        if form.is_valid():
            kept = [value for value in form.cleaned_data.values() if isinstance(value, str)]
            assert not any("\0" in value for value in kept), texts
        else:
            told = [error for errors in form.errors.values() for error in errors]
            assert told and all(len(error) > 8 for error in told), (texts, told)
        str(form.errors)


@pytest.fixture
def reached(monkeypatch):
    """Counts how often the form of a place was given what was sent to its address: to a wrong one nothing is told of it."""

    class Reached:
        times = 0

        def expect(self, place):
            clean = place.form.full_clean

            def counted(form):
                is_sent = form.is_bound and any(form.add_prefix(name) in form.data for name in text_fields(form.fields))
                self.times += is_sent and type(form) is place.form
                return clean(form)

            monkeypatch.setattr(place.form, "full_clean", counted)

    return Reached()


def fillings(names, *, every, alone, first):
    """Yield what is typed into the fields of a form, by name.

    every: one in so many texts stands in all fields at once, in each field another; each text comes to each field when it is 1.
    alone: one in so many stands in one field, and in the others is what people would type.
    first: forms get others of the texts, so that all forms together get all.
    """
    for number in range(first % every, len(TEXTS), every):
        yield {name: TEXTS[(number + 37 * place) % len(TEXTS)] for place, name in enumerate(names)}
    for place, name in enumerate(names):
        for text in some_of(TEXTS, out_of=alone, first=first + 5 * place):
            yield {name: text}


def test_each_text_comes_to_each_field():
    given = list(fillings(["a", "b", "c"], every=1, alone=_ALONE, first=3))

    assert all({texts.get(name) for texts in given} >= set(TEXTS) for name in "abc")
    assert {texts["b"] for texts in given if set(texts) == {"b"}} == set(some_of(TEXTS, out_of=_ALONE, first=8))


@pytest.mark.parametrize("place", PLACES, ids=lambda one: one.name)
def test_an_address_takes_or_refuses_texts_in_words_and_shows_them_as_texts(world, place, reached):
    client, faults = Client(), []
    reached.expect(place)
    if place.has_user:
        client.force_login(world["maria"])
    address = filled(place.address, world)
    rest = {name: filled(value, world) for name, value in place.rest.items()}
    if place.form.__name__ == "ChoosePasswordForm":
        address = client.get(address).url
    names = text_fields(make_form(place, None, world).fields)
    for texts in fillings(names, every=_SENT, alone=_SENT_ALONE, first=len(place.name)):
        sent = rest | {place.prefix + name: text for name, text in texts.items()}
        if place.form.__name__ == "WelcomeForm":  # only for the first user
            User.objects.all().delete()
            client = Client(headers={"Host": "localhost"})
        answer = client.get(address, sent) if place.is_get else client.post(address, sent)
        faults += faults_of(answer, " ".join(f"{name}={text[:60]!r}" for name, text in texts.items()))
        if place.has_user and place.form.__name__ == "ChangePasswordForm":
            client.force_login(world["maria"])
    for path in place.shows:
        viewer = Client()
        viewer.force_login(world["maria"])
        faults += faults_of(viewer.get(filled(path, world), follow=True), path)

    assert not faults, "\n".join(faults)
    assert reached.times, f"what was sent to {address} came to no {place.form.__name__}"


MOMENTS = [
    (place, name)
    for place in PLACES
    for name, one in place.form.base_fields.items()
    if isinstance(one, (forms.DateField, forms.DateTimeField)) or (place.form, name) == (SnoozeForm, "until")
]


@pytest.mark.parametrize(("place", "name"), MOMENTS, ids=lambda one: getattr(one, "name", one))
def test_a_moment_at_an_end_of_time_is_taken_or_refused_in_words(world, place, name):
    client, faults = Client(), []
    client.force_login(world["maria"])
    rest = {one: filled(value, world) for one, value in place.rest.items()}
    for text in KINDS["dates"]:
        sent = rest | {place.prefix + name: text}
        address = filled(place.address, world)
        answer = client.get(address, sent) if place.is_get else client.post(address, sent)
        faults += faults_of(answer, f"{name}={text!r}")
    for path in place.shows:
        faults += faults_of(client.get(filled(path, world), follow=True), path)

    assert not faults, "\n".join(faults)


def faults_of(answer, sent):
    """Return what is wrong with an answer: its status, a refusal without a word, or a page that took a text for something else."""
    if answer.status_code not in (200, 302, 409, 422, 429):
        return [f"{sent}: {answer.status_code}"]
    if answer.status_code == 302 or not answer.headers["Content-Type"].startswith("text/html"):
        return []
    page = read(answer)
    html = answer.content.decode()
    said = any(mark in html for mark in ('class="err', 'role="alert"', "messages"))
    silent = [f"{sent}: refused without a word"] if answer.status_code == 422 and not said else []
    return silent + [f"{sent}: {fault}" for fault in page.faults]


@given(st.text(max_size=400))
def test_a_condition_on_bots_is_never_a_fault(text):
    form = RuleForm({"rule_id": "ours", "why": text, "events": text, "condition": text})

    assert form.is_valid() or form.errors
