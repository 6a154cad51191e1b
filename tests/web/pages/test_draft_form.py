"""A draft as a form: values changed in place in the text, criteria added and taken out, and nothing lost when somebody was faster."""

import re

import pytest
from django.urls import reverse
from tests.web.pages.world import make_live, starter_toml
from tests.web.playbooks.conftest import TOML

from leadline.web.playbooks.drafts import begin_draft, save_draft
from leadline.web.playbooks.models import Draft

COMMENTED = TOML.replace("points = 30", "points = 30  # a third of the way").replace(
    "[[qualifications]]", "# levels\n[[qualifications]]"
)
POINTS, ENTER = "criteria.country.points", "qualifications.mql.enter"


@pytest.fixture
def draft(northwind, maria):
    return begin_draft(northwind, name="Autumn", toml=COMMENTED, by=maria)


def at(name, draft):
    return reverse(name, args=[draft.pk])


def text_of(answer):
    return answer.content.decode()


def saved():
    return Draft.objects.get().toml


def test_a_value_is_changed_in_its_place_and_nothing_else(as_maria, draft):
    assert f'name="{POINTS}" value="30"' in text_of(as_maria.get(at("draft-form", draft)))
    answer = as_maria.post(at("draft-form", draft), {"revision": 1, POINTS: "45", ENTER: "fit >= 30"})

    assert answer.url == at("draft-form", draft)
    assert saved() == COMMENTED.replace("points = 30", "points = 45")


def test_saving_what_stands_there_keeps_every_byte(as_maria, draft):
    as_maria.post(at("draft-form", draft), {"revision": 1, POINTS: "30", ENTER: "fit >= 30"})

    assert (saved(), Draft.objects.get().revision) == (COMMENTED, 1)


def test_what_is_no_value_is_refused_beside_its_field_and_kept_as_typed(as_maria, draft):
    answer = as_maria.post(at("draft-form", draft), {"revision": 1, POINTS: "lots", ENTER: "fit >="})

    page = text_of(answer)
    assert answer.status_code == 422
    assert "&#x27;enter&#x27;" in page or "condition" in page, "what is wrong in another part is told above"
    assert f'id="e-{POINTS}">&#x27;points&#x27; is &#x27;lots&#x27;, but takes a number' in page
    assert 'value="lots"' in page
    assert saved() == COMMENTED


def test_what_is_typed_in_the_form_is_checked_and_not_saved(as_maria, draft):
    typed = {"revision": 1, "is_form": "yes", POINTS: "20"}
    page = text_of(as_maria.post(at("draft-check", draft), typed, headers={"HX-Request": "true"}))
    assert "can never be true" in page or "It can be published" in page

    wrong = as_maria.post(at("draft-check", draft), typed | {POINTS: "lots"}, headers={"HX-Request": "true"})
    assert "takes a number" in text_of(wrong)
    assert saved() == COMMENTED


def test_a_criterion_is_added_with_an_id_made_of_its_sentence(as_maria, draft):
    given = {
        "revision": 1,
        "why": "Asked for a demo",
        "score": "fit",
        "kind": "event",
        "event": "demo_requested",
        "points": "20",
    }
    as_maria.post(at("draft-add", draft), given)

    assert 'id = "asked-for-a-demo"' in saved()
    assert "# a third of the way" in saved()
    assert saved().index("asked-for-a-demo") < saved().index("# levels")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"why": ""}, "Say in a sentence"),
        ({"points": "lots"}, "points"),
        ({"kind": "when", "when": "country ="}, "country ="),
        ({"id": "country"}, "There is another criterion"),
        ({"score": "nothing"}, "Select a valid choice"),
    ],
)
def test_a_criterion_that_makes_no_sense_is_refused_beside_its_field(as_maria, draft, change, said):
    given = {"revision": 1, "why": "Asked", "score": "fit", "kind": "event", "event": "demo_requested", "points": "20"}
    answer = as_maria.post(at("draft-add", draft), given | change)

    assert answer.status_code == 422
    assert said in text_of(answer)
    assert saved() == COMMENTED


def test_a_criterion_is_taken_out_after_a_question(as_maria, draft):
    where = at("draft-remove", draft)
    assert "In a country where we have people" in text_of(as_maria.get(f"{where}?id=country"))
    assert saved() == COMMENTED

    as_maria.post(where, {"revision": 1, "id": "country"})
    assert "country" not in saved()
    assert "# levels" in saved()
    assert as_maria.get(f"{where}?id=country").url == at("draft-form", draft)


def test_who_was_slower_sees_what_their_form_would_change_of_the_newer_text(as_maria, draft, omar):
    save_draft(draft, revision=1, by=omar, toml=COMMENTED.replace("points = 30", "points = 50"))
    answer = as_maria.post(at("draft-form", draft), {"revision": 1, POINTS: "45"})

    assert answer.status_code == 409
    assert "− points = 50" in text_of(answer)
    assert "+ points = 45" in text_of(answer)
    assert "points = 50" in saved()


def test_a_text_that_is_no_toml_is_mended_as_text(as_maria, draft, maria):
    save_draft(draft, revision=1, by=maria, toml="[playbook")

    assert "Mend the text first" in text_of(as_maria.get(at("draft-form", draft)))
    for name in ("draft-form", "draft-add"):
        assert as_maria.post(at(name, draft), {"revision": 2, "why": "x"}).status_code == 422
    assert as_maria.post(at("draft-remove", draft), {"revision": 2, "id": "country"}).url == at("draft-form", draft)


def test_who_may_not_write_reads_the_text(as_omar, draft):
    assert as_omar.get(at("draft-form", draft)).url == at("draft", draft)
    assert as_omar.post(at("draft-form", draft), {POINTS: "1"}).status_code == 403


def test_the_form_of_the_example_stays_small(as_maria, northwind, maria, django_assert_max_num_queries):
    draft = begin_draft(northwind, name="Big", version=make_live(northwind, starter_toml()), by=maria)
    with django_assert_max_num_queries(30):
        page = as_maria.get(at("draft-form", draft))

    parts = re.findall(r'href="(\?part=[^"]+)"', text_of(page))
    assert len(parts) > 5
    for part in parts:
        assert len(as_maria.get(at("draft-form", draft) + part).content) < 110_000


def test_one_stays_in_the_part_that_one_changes(as_maria, draft):
    where = at("draft-form", draft)
    assert ENTER not in text_of(as_maria.get(where))
    answer = as_maria.post(where, {"revision": 1, "part": "part-qualifications", ENTER: "fit >= 20"})

    assert answer.url == f"{where}?part=part-qualifications"
    assert f'name="{ENTER}"' in text_of(as_maria.get(answer.url))
    wrong = as_maria.post(where, {"revision": 2, ENTER: "fit >="})
    assert f'id="e-{ENTER}"' in text_of(wrong), "the part with what is wrong is shown"


@pytest.mark.browser
def test_the_form_is_used_and_readable_in_every_look(visit, maria, northwind):
    draft = begin_draft(northwind, name="Autumn", version=make_live(northwind, starter_toml()), by=maria)
    seen = visit(maria)
    seen.go(at("draft-form", draft))
    seen.shoot_every_look("draft_form")
    seen.check_accessibility()
    points = seen.page.get_by_label("Points").first
    points.fill("lots")
    seen.page.locator("#checked").get_by_text("takes a number").wait_for()
    seen.page.get_by_role("button", name="Save").click()
    seen.page.get_by_text("Please look at what is marked").wait_for()
    seen.shoot_every_look("draft_form_wrong")
    seen.check_accessibility()
    seen.page.get_by_label("Points").first.fill("7")
    seen.page.keyboard.press("Control+s")
    seen.page.get_by_text("The draft was saved").wait_for()
