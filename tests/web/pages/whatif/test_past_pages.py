"""The card and the page of a what-if over the past: asking, progress, figures and names, and what it says when something is not of now."""

import re

import pytest
from django.utils import timezone
from tests.web.conftest import member
from tests.web.pages.whatif.conftest import EDITED, LIVE

from leadline.web.assessments.models import PastWhatIf
from leadline.web.assessments.past.run import find_out
from leadline.web.leads.erasure import erase_person
from leadline.web.leads.models import Lead
from leadline.web.playbooks.models import Draft, Version

IN_PLACE = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "past"}


def path(draft):
    return f"/playbook/drafts/{draft.pk}/what-if/past/"


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.fixture
def draft(draft):
    """The draft hands over what has changed, so that leads are named."""
    Draft.objects.update(toml=EDITED.replace('["sql"]', '["mql"]'))
    draft.refresh_from_db()
    return draft


@pytest.fixture
def find(tmp_path):
    def do():
        PastWhatIf.objects.update(lease="ours")
        find_out(PastWhatIf.objects.get().pk, "ours", tmp_path)
        return PastWhatIf.objects.get()

    return do


def test_what_was_not_asked_yet_says_what_it_would_be(as_maria, draft):
    answer = as_maria.get(path(draft))

    assert "Both texts, this draft and version 1, replayed over all that is known" in text_of(answer)
    assert "See what it would have done" in text_of(answer)
    assert path(draft) in as_maria.get(f"/playbook/drafts/{draft.pk}/what-if/").content.decode()


def test_it_is_asked_shown_and_stopped_without_javascript(as_maria, draft):
    assert as_maria.post(path(draft), {"weeks": "13", "capacity": "2"})["Location"] == path(draft)
    PastWhatIf.objects.update(percent=42, doing="Old version: Going through the leads")
    page = as_maria.get(path(draft))
    assert "42 %" in text_of(page) and "Old version: Going through the leads" in text_of(page)
    assert 'hx-trigger="every 2s"' in page.content.decode()

    assert as_maria.post(path(draft) + "stop/")["Location"] == path(draft)
    page = as_maria.get(path(draft))
    assert "It was stopped before anything was found out" in text_of(page)
    assert "Ask again" in text_of(page)
    assert re.search(r'name="capacity" value="2"', page.content.decode())
    assert '<option value="13" selected>' in page.content.decode()
    assert "It was over already" in text_of(as_maria.post(path(draft) + "stop/", follow=True))


def test_what_was_found_out_is_said_with_names_and_reasons(as_maria, draft, people, find):
    as_maria.post(path(draft), {"weeks": "13", "capacity": "1"})
    past = find()
    assert past.state == "done", past.problem

    page = as_maria.get(path(draft))

    text = text_of(page)
    assert f"{len(people)} leads. The new version is this draft, the old one version 1." in text
    for one in past.told["in_short"]:
        assert one in text
    for one in past.told["qualifications"]:
        numbers = " ".join(str(one[name]) for name in ("old", "new", "added", "removed", "earlier", "later"))
        row = f"{one['title']} (only in the draft )?{numbers}"
        assert re.search(row, text), row
    named = [one for some in past.named.values() for one in some]
    assert named
    for one in named:
        assert f"{Lead.objects.get(pk=one['lead_id']).label}" in text
        assert one["said"] in text and one["said"].startswith("Marketing qualified ")
    bars = re.findall(r'class="(old|new)" x="[0-9.]+%', page.content.decode())
    assert len(bars) == 2 * len(past.told["weeks"])
    assert len(page.content) < 60_000


def test_who_was_erased_since_is_counted_and_not_named(as_maria, draft, find):
    as_maria.post(path(draft), {"weeks": "13"})
    past = find()
    gone = past.named["for"][0]["lead_id"]
    PastWhatIf.objects.update(named=past.named)
    erase_person(Lead.objects.get(pk=gone), by=None, now=timezone.now())
    PastWhatIf.objects.update(named=past.named)  # as if it had not been told

    page = as_maria.get(path(draft))

    assert "1 who was named is gone since" in text_of(page)
    assert f'href="/leads/{gone}/"' not in page.content.decode()


def test_figures_of_another_text_are_marked(as_maria, draft, find):
    as_maria.post(path(draft), {"weeks": "13"})
    find()
    Draft.objects.update(toml=LIVE, revision=9)
    Version.objects.update(state="retired")

    text = text_of(as_maria.get(path(draft)))

    assert "the draft was changed since" in text
    assert "They stand beside version 1; by now none is live" in text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"weeks": "7"}, "Select a valid choice"),
        ({}, "This field is required"),
        ({"weeks": "13", "capacity": "0"}, "greater than or equal to 1"),
        ({"weeks": "13", "capacity": "many"}, "whole number"),
    ],
)
def test_what_cannot_be_asked_is_said_at_its_field(as_maria, draft, given, said):
    answer = as_maria.post(path(draft), given)

    assert answer.status_code == 422
    assert said in text_of(answer)
    assert not PastWhatIf.objects.exists()


def test_a_text_that_cannot_be_used_says_what_is_wrong(as_maria, draft):
    Draft.objects.update(toml=LIVE.replace("points = 25", 'points = "many"'))

    answer = as_maria.post(path(draft), {"weeks": "13"}, **IN_PLACE)

    assert answer.status_code == 422
    assert "cannot be used, so nothing was asked" in text_of(answer)
    assert answer.content.decode().lstrip().startswith("<section")


def test_who_may_only_look_sees_it_and_cannot_ask(client, northwind, draft):
    client.force_login(member(northwind, "Vera", "viewer"))

    assert client.post(path(draft), {"weeks": "13"}).status_code == 403
    page = client.get(path(draft))
    assert page.status_code == 200
    assert "past-ask" not in page.content.decode()


def test_it_takes_few_queries(as_maria, draft, find, django_assert_max_num_queries):
    as_maria.post(path(draft), {"weeks": "13"})
    find()

    with django_assert_max_num_queries(15):
        as_maria.get(path(draft))
