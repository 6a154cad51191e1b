"""Writing a draft as people do: with what is wrong beside it as one types, by keyboard, in every look, and without JavaScript."""

import pytest
from tests.web.browser import expect
from tests.web.pages.rows import make_lead
from tests.web.pages.world import assess_everybody, make_live, starter_toml, touch
from tests.web.playbooks.conftest import CASES, TOML

from leadline.engine.arithmetic import POINT
from leadline.web.assessments.jobs import prepare_versions
from leadline.web.assessments.models import Assessment
from leadline.web.leads.models import Fact
from leadline.web.playbooks.actions import go_live, publish
from leadline.web.playbooks.drafts import begin_draft, save_draft
from leadline.web.playbooks.models import Draft, Version

pytestmark = pytest.mark.browser


@pytest.fixture
def draft(northwind, maria):
    return begin_draft(northwind, name="Autumn", version=make_live(northwind, TOML), by=maria)


@pytest.fixture
def editor(visit, maria, draft):
    seen = visit(maria)
    seen.go(f"/playbook/drafts/{draft.pk}/")
    return seen


def type_over(seen, before, after):
    """Change the text as somebody who types does."""
    field = seen.page.get_by_label("Playbook", exact=False).first
    field.fill(field.input_value().replace(before, after))


def test_what_is_wrong_is_said_as_one_types_and_leads_to_its_line(editor, draft):
    checked = editor.page.locator("#checked")
    assert "It can be published" in checked.inner_text()
    type_over(editor, "points = 30", "point = 30")
    checked.get_by_text("to mend").wait_for()

    line = TOML.split("\n").index("points = 30") + 1
    checked.get_by_role("link", name=f"Line {line}").first.click()
    start, end = editor.page.evaluate("[document.activeElement.selectionStart, document.activeElement.selectionEnd]")
    assert TOML.replace("points", "point")[start:end] == "point = 30"
    assert f"{line}" in editor.page.locator(".numbered pre b").all_inner_texts()

    type_over(editor, "point = 30", "points = 40")
    checked.get_by_text("It can be published").wait_for()
    assert not editor.page.locator(".numbered pre b").count()
    assert Draft.objects.get().toml == TOML, "nothing is saved by looking"


def test_what_is_checked_stays_in_sight_far_down_the_text(editor):
    editor.page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    expect(editor.page.locator("#checked")).to_be_in_viewport()


def test_from_another_page_one_comes_to_the_line_that_is_wrong(editor, draft):
    line = TOML.split("\n").index("points = 30") + 1
    editor.go(f"/playbook/drafts/{draft.pk}/?line={line}#id_toml")

    start, end = editor.page.evaluate("[document.activeElement.selectionStart, document.activeElement.selectionEnd]")
    assert TOML[start:end] == "points = 30"


def test_it_is_saved_by_a_key_and_a_question_comes_before_it_is_lost(editor, draft):
    questions = []
    editor.page.on("dialog", lambda dialog: (questions.append(dialog.type), dialog.dismiss()))
    type_over(editor, "points = 30", "points = 40")
    expect(editor.page.get_by_text("Not saved yet")).to_be_visible()
    editor.page.get_by_label("Name").click()
    editor.page.get_by_role("link", name="Drafts").click()
    assert questions == ["beforeunload"]

    editor.page.keyboard.press("Control+s")
    editor.page.get_by_text("The draft was saved.").wait_for()
    assert "points = 40" in Draft.objects.get().toml
    editor.page.get_by_role("link", name="Drafts").click()
    editor.page.wait_for_url("**/playbook/drafts/")
    assert questions == ["beforeunload"]


def test_a_draft_is_readable_in_every_look(visit, maria, northwind, draft):
    save_draft(draft, revision=1, by=maria, toml=starter_toml())
    seen = visit(maria)
    for name, path in (
        ("drafts", "/playbook/drafts/"),
        ("draft", f"/playbook/drafts/{draft.pk}/"),
        ("draft_publish", f"/playbook/drafts/{draft.pk}/publish/"),
    ):
        seen.go(path)
        seen.shoot_every_look(name, full=True)
        seen.check_accessibility()


def test_a_draft_with_mistakes_is_readable_in_every_look(editor, maria, draft):
    for name, texts in (
        ("draft_wrong", {"toml": TOML.replace("points", "point").replace("enter", "entre")}),
        ("draft_failed", {"toml": TOML, "cases": CASES.replace("fit = 30", "fit = 31")}),
    ):
        save_draft(draft, revision=Draft.objects.get().revision, by=maria, **texts)
        editor.page.reload()
        editor.shoot_every_look(name, full=True)
        editor.check_accessibility()


def test_two_people_at_once_are_shown_both_texts_in_every_look(editor, omar, draft):
    editor.forgives.append("status of 409")
    save_draft(draft, revision=1, by=omar, toml=TOML.replace("points = 30", "points = 50"))
    type_over(editor, "points = 30", "points = 40")
    editor.page.get_by_role("button", name="Save").click()
    editor.page.get_by_text("Both are here").wait_for()

    editor.shoot_every_look("draft_conflict", full=True)
    editor.check_accessibility()
    editor.page.get_by_role("button", name="Save this over theirs").click()
    editor.page.get_by_text("The draft was saved.").wait_for()
    assert "points = 40" in Draft.objects.get().toml


def test_a_draft_is_written_and_published_without_javascript(visit, maria, northwind):
    make_live(northwind, TOML)
    seen = visit(maria, javascript=False)
    seen.go("/playbook/")
    seen.page.get_by_role("link", name="Change it").click()
    seen.page.get_by_role("button", name="Begin").click()
    type_over(seen, "points = 30", "point = 30")
    seen.page.get_by_role("button", name="Check").click()
    expect(seen.page.get_by_text("to mend")).to_be_visible()
    type_over(seen, "point = 30", "points = 45")
    seen.page.get_by_role("button", name="Save").click()
    seen.page.get_by_role("link", name="Publish…").click()
    seen.page.get_by_label("What is new, and why").fill("Germany matters more")
    seen.page.get_by_role("button", name="Publish").click()

    expect(seen.page.get_by_text("Version 2 is published")).to_be_visible()


def test_an_older_version_is_published_again_by_its_button(visit, maria, northwind, now):
    lead = make_lead(northwind, "Ada")
    Fact.objects.create(
        workspace=northwind,
        lead=lead,
        first_lead=lead,
        field="country",
        value="DE",
        known_at=now,
        recorded_at=now,
        source="crm",
    )
    touch(lead)
    for toml in (TOML, TOML.replace("points = 30", "points = 40")):
        go_live(publish(northwind, toml=toml, note="", by=maria))
    assess_everybody()
    seen = visit(maria)
    seen.go("/playbook/versions/1/")
    seen.check_accessibility()
    seen.page.get_by_role("link", name="Publish this version again").click()

    assert seen.page.get_by_label("What is new").input_value() == "Back to version 1"
    seen.page.get_by_role("button", name="Publish", exact=True).click()
    seen.page.get_by_text("Version 3 is published. It goes live when every lead has been assessed by it.").wait_for()
    assert Version.objects.get(number=2).state == "live"

    while prepare_versions() and Version.objects.get(number=3).state == "preparing":
        assess_everybody()
    seen.go("/playbook/")
    expect(seen.page.get_by_text("Version 3").first).to_be_visible()
    versions = {one.number: one for one in Version.objects.all()}
    assert [versions[at].state for at in (1, 2, 3)] == ["retired", "retired", "live"]
    assert (versions[3].toml, versions[3].note, versions[3].published_by) == (TOML, "Back to version 1", maria)
    seen.go(f"/leads/{lead.pk}/")
    assert Assessment.objects.get(lead=lead, version=versions[3]).scores["fit"] == 30 * POINT
    expect(seen.page.get_by_text("In a country where we have people").first).to_be_visible()
    seen.go("/playbook/versions/2/")
    expect(seen.page.get_by_role("link", name="Publish this version again")).to_be_visible()
    seen.go("/playbook/versions/3/")
    assert not seen.page.get_by_role("link", name="Publish this version again").count()
