"""Whatever stands behind the question mark of an address gets a page: filtered by it or not, and never a fault or a piece of the page."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.web.pages.rows import make_lead
from tests.web.pages.world import make_live, starter_toml
from tests.web.safety.naughty import TEXTS, some_of
from tests.web.safety.shown import leads_somewhere_good, read

PLACES = {
    "/leads/": "q where sort view cols stage grade source qualification company who page first second menu",
    "/leads/where/": "where what how value do joint q",
    "/leads/export/": "q where sort cols",
    "/leads/views/": "deleted",
    "/leads/batches/": "page",
    "/leads/exports/": "page",
    "/leads/duplicates/": "page merged",
    "/search/": "q",
    "/companies/": "q industry sort page",
    "/pipeline/": "view source",
    "/today/": "view",
    "/refused/": "state reason source first last page",
    "/import/": "page",
    "/playbook/publish/": "from",
    "/playbook/drafts/": "from deleted",
    "/sign-in/": "next",
    "{lead}": "kind before q where view tab",
    "{lead}assessed/": "try",
    "{lead}merge/": "q",
    "{lead}merges/": "merged",
    "{lead}consent/": "purpose",
}


@pytest.fixture
def lead(northwind):
    make_live(northwind, starter_toml())
    return make_lead(northwind, "Ada")


@pytest.mark.parametrize("place", PLACES)
def test_every_text_may_stand_in_an_address(as_maria, lead, place):
    path, wrong = place.replace("{lead}", f"/leads/{lead.pk}/"), []
    for number, name in enumerate(PLACES[place].split()):
        for text in some_of([text[:3_000] for text in TEXTS], out_of=30, first=number * 7 + len(place)):
            answer = as_maria.get(path, {name: text, "do": "show"} if name == "where" else {name: text})
            if answer.status_code not in (200, 204, 302, 404, 422):
                wrong.append(f"{name}={text[:60]!r}: {answer.status_code}")
            elif answer.status_code == 302:
                where = answer["Location"]
                wrong += [] if leads_somewhere_good(where) else [f"{name}={text[:60]!r}: to {where[:60]}"]
            else:
                wrong += [f"{name}={text[:60]!r}: {fault}" for fault in read(answer).faults]

    assert not wrong, "\n".join(wrong[:30])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=60))
def test_any_text_may_be_looked_for_and_be_a_condition(as_maria, lead, text):
    answers = [as_maria.get("/leads/", {name: text}) for name in ("q", "where")]

    assert {answer.status_code for answer in answers} <= {200, 302, 422}
    assert not [fault for answer in answers if answer.status_code != 302 for fault in read(answer).faults]
