"""The pages about playbooks: everybody reads, marketers publish, nothing typed is lost, and other workspaces see nothing."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from tests.web.browser import expect
from tests.web.playbooks.conftest import CASES, TOML

from leadline.web.leads.models import Lead
from leadline.web.playbooks.actions import publish
from leadline.web.playbooks.models import Version
from leadline.web.playbooks.queries import find_live

PLAYBOOK, PUBLISH, PROGRESS = (reverse(name) for name in ("playbook", "playbook-publish", "playbook-progress"))


def test_before_the_first_version_the_page_says_what_to_do(as_maria, as_omar):
    assert "Write one" in as_maria.get(PLAYBOOK).content.decode()
    assert PUBLISH not in as_omar.get(PLAYBOOK).content.decode()


def test_the_live_version_is_said_in_plain_words(live, as_omar):
    text = as_omar.get(PLAYBOOK).content.decode()

    assert "In a country where we have people" in text
    assert "30 points when the lead" in text
    assert 'id="criterion-country"' in text
    assert "the first" in text
    assert "Version 1" in text


def test_a_file_is_published(as_maria, northwind, maria):
    file = SimpleUploadedFile("playbook.toml", TOML.replace("\n", "\r\n").encode())

    answer = as_maria.post(PUBLISH, {"file": file, "cases": CASES, "note": "from a file"}, follow=True)

    version = Version.objects.get()
    assert (version.toml, version.published_by, version.note) == (TOML, maria, "from a file")
    assert "is being prepared" in answer.content.decode()


def test_text_is_published(as_maria, northwind):
    as_maria.post(PUBLISH, {"toml": TOML})

    assert Version.objects.get().toml == TOML


def test_problems_stand_beside_their_lines_and_nothing_typed_is_lost(as_maria):
    answer = as_maria.post(PUBLISH, {"toml": TOML.replace("points = 30", "point = 30"), "note": "my note"})

    text = answer.content.decode()
    assert answer.status_code == 422
    assert "<code>point = 30</code>" in text
    assert "unknown-key" in text
    assert "my note" in text
    assert "when = &quot;country = &#x27;DE&#x27;&quot;" in text, "the text is there to be mended"
    assert not Version.objects.exists()


def test_a_case_that_fails_is_shown_with_what_was_found(as_maria):
    answer = as_maria.post(PUBLISH, {"toml": TOML, "cases": CASES.replace("fit = 30", "fit = 31")})

    assert answer.status_code == 422
    assert "expected  31" in answer.content.decode()
    assert not Version.objects.exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Choose a file"),
        ({"file": SimpleUploadedFile("p.toml", b"[playbook]\nname = '\xff'\n")}, "line 2 cannot be read"),
        ({"file": SimpleUploadedFile("p.toml", b"#" * 300_000)}, "at most 262,144"),
        ({"toml": "x\x00"}, "Null characters"),
    ],
)
def test_what_cannot_be_read_is_told(as_maria, given, said):
    answer = as_maria.post(PUBLISH, given)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Version.objects.exists()


def test_publishing_the_live_one_again_changes_nothing(as_maria, live):
    answer = as_maria.post(PUBLISH, {"toml": TOML}, follow=True)

    assert "nothing was published" in answer.content.decode()
    assert Version.objects.count() == 1


def test_sales_may_not_publish(as_omar, live):
    assert as_omar.get(PUBLISH).status_code == 403
    assert as_omar.post(PUBLISH, {"toml": TOML.replace("30", "40")}).status_code == 403
    assert Version.objects.count() == 1


def test_progress_is_told_until_it_is_done(as_omar, live, northwind, maria, now):
    for number in range(4):
        Lead.objects.create(workspace=northwind, first_seen_at=now, due_at=now if number == 3 else None)
    second = publish(northwind, toml=TOML.replace("30", "40"), by=maria, now=now)
    Version.objects.filter(pk=second.pk).update(prepared_up_to=Lead.objects.order_by("pk")[2].pk)

    assert "3 of 4 leads" in as_omar.get(PROGRESS).content.decode()
    assert "Until that is done, all pages show the version before" in as_omar.get(PLAYBOOK).content.decode()
    assert find_live(northwind) == live
    Version.objects.filter(pk=second.pk).update(state=Version.State.CANCELLED)
    assert as_omar.get(PROGRESS)["HX-Refresh"] == "true"


def test_what_changed_is_shown_and_any_two_can_be_compared(as_omar, live, northwind, maria):
    publish(northwind, toml=TOML.replace("points = 30", "points = 40"), by=maria)
    publish(northwind, toml=TOML.replace("points = 30", "points = 50"), by=maria)

    since_before = as_omar.get(reverse("playbook-version", args=[3])).content.decode()
    since_first = as_omar.get(reverse("playbook-version", args=[3]), {"against": "1"}).content.decode()

    assert "<del>− points = 40</del>" in since_before
    assert "<ins>+ points = 50</ins>" in since_before
    assert "<del>− points = 30</del>" in since_first


@pytest.mark.parametrize("against", ["x", "", "²", "-1"])
def test_a_comparison_with_what_is_no_number_is_one_with_the_version_before(as_omar, live, against):
    assert as_omar.get(reverse("playbook-version", args=[1]), {"against": against}).status_code == 200


def test_a_version_is_downloaded_as_it_was_published(as_omar, live):
    answer = as_omar.get(reverse("playbook-toml", args=[1]))

    assert answer.content.decode() == TOML
    assert answer["Content-Disposition"] == 'attachment; filename="playbook-v1.toml"'


@pytest.mark.parametrize("name", ["playbook-version", "playbook-toml"])
def test_another_workspace_sees_nothing_of_it(as_charlie, live, name):
    assert as_charlie.get(reverse(name, args=[1])).status_code == 404
    assert "country where we have people" not in as_charlie.get(PLAYBOOK).content.decode()


def test_who_is_not_signed_in_is_sent_to_sign_in(client, live):
    for path in (PLAYBOOK, PUBLISH, PROGRESS, reverse("playbook-version", args=[1])):
        assert client.get(path).status_code == 302


@pytest.mark.browser
def test_a_marketer_mends_a_problem_and_publishes(visit, maria):
    seen = visit(maria)
    seen.go(PUBLISH)
    seen.page.get_by_label("or its text").fill(TOML.replace("points = 30", "point = 30"))
    seen.page.get_by_role("button", name="Publish").click()
    expect(seen.page.get_by_role("cell", name="point = 30", exact=True)).to_be_visible()
    seen.check_accessibility()

    seen.page.get_by_label("or its text").fill(TOML)
    seen.page.get_by_role("button", name="Publish").click()

    seen.page.get_by_role("heading", name="Version 1 is being prepared").wait_for()
    seen.check_accessibility()


@pytest.mark.browser
def test_the_pages_are_fit_for_everybody_in_every_look(visit, omar, live, northwind, maria):
    publish(northwind, toml=TOML.replace("points = 30", "points = 40"), by=maria)
    seen = visit(omar)

    seen.check_accessibility(PLAYBOOK)
    seen.check_accessibility(reverse("playbook-version", args=[2]))
