"""What the form of a draft is made of: which values it shows and how, what it takes, and what it says when something is wrong."""

from dataclasses import replace

import pytest
from django.contrib.messages import get_messages
from django.http import QueryDict
from django.urls import reverse
from tests.web.playbooks.conftest import CASES, TOML

from leadline.engine.playbook.load import MAX_BYTES
from leadline.engine.problems import Problem
from leadline.web.pages.drafts.fields import find_criterion, paths_of, scores_with_criteria, show_form
from leadline.web.pages.drafts.forms import AddForm, DraftForm
from leadline.web.playbooks.actions import publish
from leadline.web.playbooks.drafts import begin_draft, publish_draft, save_draft
from leadline.web.playbooks.models import Draft

POINTS, ENTER = "criteria.country.points", "qualifications.mql.enter"
BANDS = """
[scores.engagement]
title = "Engagement"
grades = { 1 = 30, 2 = 0 }

[scores.both]
title = "Both"
sum_of = ["fit", "engagement"]

[[criteria]]
id = "size"
score = "fit"
why = "Of a size we serve"
choose = [ { when = "employees > 500", points = 5 }, { otherwise = true, points = 1 } ]

[[criteria]]
id = "pricing"
score = "engagement"
why = "Looked at prices"
event = "page_viewed"
points = 10
decay = { half_life = "14d" }
limit = { count = 1, per = "day" }
"""


@pytest.fixture
def draft(northwind, omar):
    return begin_draft(northwind, name="Autumn", toml=TOML, cases=CASES, by=omar)


def at(name, draft):
    return reverse(name, args=[draft.pk])


def said_to(answer):
    return [str(one) for one in get_messages(answer.wsgi_request)]


def fields_of(toml, typed=None, problems=()):
    return {one.path: one for part in show_form(toml, typed or {}, problems) for one in part.all_fields()}


# -- the pages ------------------------------------------------------------------------------------------------------


def test_a_draft_that_was_published_is_no_form_any_more(as_maria, draft, maria):
    version = publish_draft(draft, revision=1, note="", by=maria)

    assert as_maria.get(at("draft-form", draft)).url == at("draft", draft)
    assert version.number == 1


def test_who_saves_the_form_is_said_to_have_changed_the_draft(as_maria, draft, maria):
    as_maria.post(at("draft-form", draft), {"revision": 1, ENTER: "fit >= 20"})

    assert Draft.objects.get().updated_by == maria
    assert Draft.objects.get().cases == CASES


def test_what_was_saved_is_said_and_whether_it_can_be_published_so(as_maria, draft):
    good = as_maria.post(at("draft-form", draft), {"revision": 1, ENTER: "fit >= 20"})
    fails = as_maria.post(at("draft-form", draft), {"revision": 2, POINTS: "31"})

    assert said_to(good) == ["The draft was saved."]
    assert said_to(fails)[-1] == "The draft was saved. It cannot be published as it is: look at what is wrong."
    assert "points = 31" in Draft.objects.get().toml


def test_what_is_wrong_in_another_part_is_told_above(as_maria, draft):
    answer = as_maria.post(at("draft-form", draft), {"revision": 1, POINTS: "lots", ENTER: "fit >="})

    [above] = answer.context["elsewhere"]
    assert "enter" in above or "fit >=" in above
    assert answer.context["part"].key == "score-fit"
    alone = as_maria.post(at("draft-form", draft), {"revision": 1, POINTS: "lots"})
    assert alone.context["elsewhere"] == []


def test_only_what_stands_in_the_form_that_was_sent_is_changed(as_maria, draft):
    optional = next(one.path for one in fields_of(TOML).values() if one.field.is_optional and one.field.is_written)
    as_maria.post(at("draft-form", draft), {"revision": 1})
    assert Draft.objects.get().toml == TOML

    as_maria.post(at("draft-form", draft), {"revision": 1, optional: ""})
    assert Draft.objects.get().toml != TOML, "what was emptied is taken out"


def test_the_question_before_a_criterion_is_taken_out_changes_nothing(as_maria, draft):
    asked = as_maria.get(f"{at('draft-remove', draft)}?id=country")

    assert asked.status_code == 200
    assert "Remove it" in asked.content.decode()
    assert (Draft.objects.get().toml, Draft.objects.get().revision) == (TOML, 1)


def test_why_a_criterion_cannot_be_taken_out_is_said(as_maria, draft, maria):
    twice = (
        TOML + '\n[[criteria]]\nid = "country"\nscore = "fit"\nwhy = "Again"\nwhen = "country = \'AT\'"\npoints = 1\n'
    )
    save_draft(draft, revision=1, by=maria, toml=twice)
    answer = as_maria.post(at("draft-remove", draft), {"revision": 2, "id": "country"})

    assert answer.url == at("draft-form", draft)
    assert said_to(answer) == ["There are 2 criteria 'country': remove one in the text."]
    assert Draft.objects.get().toml == twice


def test_what_is_wrong_with_a_new_criterion_stands_at_its_field_or_above_all(as_maria, draft, maria):
    given = {
        "revision": 1,
        "why": "Asked",
        "score": "fit",
        "kind": "event",
        "event": "demo_requested",
        "points": "lots",
    }
    assert list(as_maria.post(at("draft-add", draft), given).context["add"].errors) == ["points"]

    inline = '[playbook]\nname = "x"\n[scores.fit]\ntitle = "Fit"\n'
    inline = f'criteria = [ {{ id = "a", score = "fit", why = "b", when = "country = \'DE\'", points = 1 }} ]\n{inline}'
    save_draft(draft, revision=1, by=maria, toml=inline)
    refused = as_maria.post(at("draft-add", draft), given | {"revision": 2, "points": "3"})
    assert refused.status_code == 422
    assert list(refused.context["add"].errors) == ["__all__"]
    assert Draft.objects.get().toml == inline


def test_a_new_criterion_is_made_of_the_revision_that_was_seen(as_maria, draft, maria):
    save_draft(draft, revision=1, by=maria, toml=TOML.replace("points = 30", "points = 20"))

    assert as_maria.get(at("draft-form", draft)).context["add"]["revision"].value() == 2
    given = {"revision": 1, "why": "Asked", "score": "fit", "kind": "event", "event": "demo_requested", "points": "2"}
    stale = as_maria.post(at("draft-add", draft), given)
    assert stale.status_code == 409
    assert stale.context["form"]["revision"].value() == 2
    assert 'id = "asked"' in stale.context["form"]["toml"].value()


def test_the_same_as_the_live_text_is_said_beside_the_form(as_maria, northwind, draft, maria):
    from leadline.web.playbooks.actions import go_live

    go_live(publish(northwind, toml=TOML, note="", by=maria))
    assert as_maria.get(at("draft-form", draft)).context["is_as_live"] is True
    as_maria.post(at("draft-form", draft), {"revision": 1, ENTER: "fit >= 20"})
    page = as_maria.get(at("draft-form", draft))
    assert page.context["is_as_live"] is False
    assert "whatif" in page.context and page.context["changed"]


# -- what is taken ------------------------------------------------------------------------------------------------------


def texts_of(**changes):
    form = DraftForm({"revision": 1, "name": "Autumn", "toml": TOML, "cases": "", **changes})
    return form if form.is_valid() else form.errors


def test_a_text_has_the_ends_of_lines_that_files_have_and_no_mark():
    form = texts_of(toml="\ufeffa = 1\r\nb = 2\rc = 3\n", cases="\ufeff# \r\n", name=" Less \n for  webinars ")

    assert form.cleaned_data["toml"] == "a = 1\nb = 2\nc = 3\n"
    assert form.cleaned_data["cases"] == "# \n"
    assert form.cleaned_data["name"] == "Less for webinars"


def test_a_text_may_be_as_long_as_a_playbook_and_no_byte_longer():
    assert texts_of(toml="#" * MAX_BYTES).cleaned_data
    assert list(texts_of(toml="#" * (MAX_BYTES + 1))) == ["toml"]
    assert list(texts_of(cases="é" * (MAX_BYTES // 2 + 1))) == ["cases"]


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ({"why": "Asked for a demo"}, "asked-for-a-demo"),
        ({"why": "¿?"}, "new"),
        ({"why": f"{'x' * 59} y"}, "x" * 59),
        ({"why": "Asked for a demo", "id": "demo"}, "demo"),
    ],
)
def test_the_id_of_a_new_criterion_is_the_given_one_or_made_of_its_sentence(given, made):
    asked = {"revision": "1", "score": "fit", "kind": "when", "points": "1", **given}
    data = QueryDict(mutable=True)
    data.update(asked)
    form = AddForm(data, draft=Draft(toml=TOML))

    assert form.is_valid(), form.errors
    assert form.cleaned_data["id"] == made


def test_criteria_are_added_to_scores_that_have_some_of_their_own():
    assert scores_with_criteria(TOML + BANDS) == [("fit", "Fit: who they are"), ("engagement", "Engagement")]
    assert scores_with_criteria("[playbook") == []
    assert [value for value, _ in AddForm(draft=Draft(toml=TOML + BANDS)).fields["score"].choices] == [
        "fit",
        "engagement",
    ]


# -- what is shown --------------------------------------------------------------------------------------------------


def test_a_value_is_shown_as_typed_with_all_that_is_wrong_with_it():
    wrong = [
        Problem(code="bad-value", message="Not this.", where=POINTS),
        Problem(code="bad-value", message="Nor so.", where=POINTS),
    ]
    shown = fields_of(TOML, {POINTS: "lots"}, wrong)

    assert (shown[POINTS].value, shown[POINTS].problem) == ("lots", "Not this. Nor so.")
    assert (shown[ENTER].value, shown[ENTER].problem) == ("fit >= 30", "")


def test_what_is_changed_often_is_at_hand_and_whatever_is_wrong():
    why = "criteria.country.why"
    assert fields_of(TOML)[POINTS].is_at_hand
    assert not fields_of(TOML)[why].is_at_hand
    assert fields_of(TOML, {}, [Problem(code="bad-value", message="No.", where=why)])[why].is_at_hand


def test_a_field_has_the_room_that_its_value_needs():
    shown = fields_of(TOML.replace("\"country = 'DE'\"", '"""\ncountry = \'DE\'\nor country = \'AT\'\n"""'))[
        "criteria.country.when"
    ]
    long = fields_of(TOML, {ENTER: "fit >= 30 and " * 60})[ENTER]

    assert shown.has_lines
    assert shown.rows == 2
    assert not fields_of(TOML)[ENTER].has_lines
    assert fields_of(TOML)[ENTER].rows == 1
    assert long.rows == 8


def test_a_choice_that_may_be_left_out_has_an_empty_one():
    per = fields_of(TOML + BANDS)["criteria.pricing.limit.per"]
    assert (per.kind, per.choices) == ("choice", per.field.choices)

    optional = replace(per, field=replace(per.field, takes=replace(per.field.takes, is_optional=True)))
    assert optional.choices == ("", *per.field.choices)


def test_the_values_of_what_an_entry_holds_are_among_its_own():
    parts = {part.key: part for part in show_form(TOML + BANDS, {})}
    size = next(one for one in parts["score-fit"].entries if one.id == "size")
    held = {one.path for inner in size.entries for one in inner.all_fields()}

    assert held
    assert held < {one.path for one in size.all_fields()} < {one.path for one in parts["score-fit"].all_fields()}
    assert held < paths_of(TOML + BANDS)
    assert size.is_criterion
    assert not parts["score-fit"].entry.is_criterion
    assert not any(one.is_criterion for one in parts["part-qualifications"].entries)


def test_where_there_is_little_room_what_is_seldom_written_is_left_out():
    size = next(one for part in show_form(TOML + BANDS, {}) for one in part.entries if one.id == "size")
    for inner in size.entries:
        left_out = set(inner.fields) - set(inner.worth_showing)
        assert left_out == {
            one for one in inner.fields if not (one.is_at_hand or one.field.is_written or not one.field.is_optional)
        }


def test_a_criterion_is_found_by_its_id():
    assert find_criterion(TOML, "country").title == "In a country where we have people"
    assert find_criterion(TOML, "In a country where we have people") is None
    assert find_criterion(TOML, "mql") is None


def test_which_events_raise_a_hand_is_changed_in_the_form(as_maria, draft, maria):
    path = "qualifications.mql.hand_raise"
    page = as_maria.get(at("draft-form", draft) + "?part=part-qualifications").content.decode()
    assert f'name="{path}"' in page

    as_maria.post(at("draft-form", draft), {"revision": 1, path: "demo_requested, quote_requested"})

    draft.refresh_from_db()
    assert 'hand_raise = ["demo_requested", "quote_requested"]' in draft.toml


def test_the_form_leads_on_to_a_proposal_and_adds_criteria_to_scores_alone(as_maria, draft):
    of_a_score = as_maria.get(at("draft-form", draft) + "?part=score-fit").content.decode()
    of_levels = as_maria.get(at("draft-form", draft) + "?part=part-qualifications").content.decode()

    assert "Put it forward…" in of_a_score and "Put it forward…" in of_levels
    assert "Add a criterion" in of_a_score
    assert "Add a criterion" not in of_levels
    assert '<option value="fit" selected>' in of_a_score
