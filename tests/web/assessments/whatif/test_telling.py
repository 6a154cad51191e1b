"""Who is named, in what order, and that the reason beside a name is what made the difference."""

from datetime import timedelta

import pytest
from tests.web.assessments.conftest import Person
from tests.web.assessments.whatif.conftest import LIVE, make_draft, run_to_the_end

from leadline.web.assessments.whatif.actions import ask

pytestmark = pytest.mark.usefixtures("version")


@pytest.fixture
def whatif(northwind, now):
    def look(toml):
        found = ask(make_draft(northwind, toml, now), by=None, now=now)
        run_to_the_end(now)
        found.refresh_from_db()
        assert found.state == "done"
        return found

    return look


@pytest.fixture
def person(northwind, website, now):
    def write(name, *, country="", seniority="", student=False, visits=0, demo=False):
        found = Person(northwind, website, name, now)
        for field, value in (("country", country), ("seniority", seniority), ("student", student)):
            if value:
                found.has(field, value)
        for at in range(visits):
            found.does("page_viewed", ago=timedelta(minutes=at))
        if demo:
            found.does("demo_requested")
        return found.lead.pk

    return write


def whys(whatif, way, level):
    return {one["lead_id"]: (one["why"]["kind"], one["why"]["id"]) for one in whatif.named[way].get(level, [])}


def test_a_criterion_that_gives_more_is_why(whatif, person):
    ada = person("Ada", visits=1)
    found = whatif(LIVE.replace('event = "page_viewed"\npoints = 20', 'event = "page_viewed"\npoints = 45'))

    assert whys(found, "gained", "mql") == {ada: ("criterion", "visits")}
    (named,) = found.named["gained"]["mql"]
    assert (named["why"]["before"], named["why"]["after"], named["far"]) == (200_000, 450_000, 250_000)


def test_a_threshold_is_why_where_points_are_as_before(whatif, person):
    ada = person("Ada", visits=1)
    found = whatif(LIVE.replace("heat >= 40", "heat >= 15"))

    assert whys(found, "gained", "mql") == {ada: ("condition", "mql")}


def test_a_threshold_is_why_where_other_points_would_not_have_been_enough(whatif, person):
    """Two more points and a threshold that is lower by thirty: it is the threshold that lets them in."""
    ada = person("Ada", visits=1)
    edited = LIVE.replace('event = "page_viewed"\npoints = 20', 'event = "page_viewed"\npoints = 22')
    found = whatif(edited.replace("heat >= 40", "heat >= 10"))

    assert whys(found, "gained", "mql") == {ada: ("condition", "mql")}


def test_points_are_why_where_the_old_threshold_would_do_as_well(whatif, person):
    ada = person("Ada", visits=1)
    edited = LIVE.replace('event = "page_viewed"\npoints = 20', 'event = "page_viewed"\npoints = 50')
    found = whatif(edited.replace("heat >= 40", "heat >= 39"))

    assert whys(found, "gained", "mql") == {ada: ("criterion", "visits")}


def test_only_criteria_that_the_qualification_reads_are_why(whatif, person):
    """Fit changes more than heat, and mql asks for heat alone."""
    ada = person("Ada", country="DE", visits=1)
    edited = LIVE.replace("points = 30", "points = 90").replace(
        'event = "page_viewed"\npoints = 20', 'event = "page_viewed"\npoints = 45'
    )
    found = whatif(edited)

    assert whys(found, "gained", "mql") == {ada: ("criterion", "visits")}


def test_the_criterion_moves_the_way_that_the_lead_does(whatif, person):
    """One criterion takes forty points, two new ones give thirty each: who comes in does so by one of the new ones."""
    ada = person("Ada", country="DE", seniority="vp", demo=True)
    new = "".join(
        f'\n[[criteria]]\nid = "new-{at}"\nscore = "heat"\nwhy = "New"\nwhen = "true"\npoints = 30\n' for at in (1, 2)
    )
    found = whatif(LIVE.replace("points = 50", "points = 10") + new)

    assert whys(found, "gained", "sql") == {ada: ("criterion", "new-1")}


def test_who_loses_it_does_so_by_what_takes(whatif, person):
    ada = person("Ada", country="DE", seniority="vp", demo=True, visits=1)
    found = whatif(LIVE.replace("points = 30", "points = 10").replace("points = 25", "points = 26"))

    assert whys(found, "lost", "sql") == {ada: ("criterion", "country")}


def test_an_exclusion_is_why(whatif, person):
    ada = person("Ada", demo=True, student=True)
    allowed = whatif(LIVE.replace("student = true", "student = false"))
    assert whys(allowed, "gained", "mql") == {ada: ("allowed", "student")}


def test_an_exclusion_that_holds_now_is_why(whatif, person):
    ada = person("Ada", country="DE", demo=True)
    excluded = whatif(LIVE.replace("student = true", "country = 'DE'"))

    assert whys(excluded, "lost", "mql") == {ada: ("excluded", "student")}
    assert [one["why"]["kind"] for one in excluded.named["stages"]] == ["excluded"]


def test_a_grade_is_told_by_its_criterion_or_by_what_it_takes(whatif, person):
    ada = person("Ada", country="DE")
    (named,) = whatif(LIVE.replace("points = 30", "points = 50")).named["grades"]
    assert (named["lead_id"], named["was"], named["is_now"]) == (ada, "B2", "A2")
    assert (named["why"]["kind"], named["why"]["id"]) == ("criterion", "country")


def test_a_grade_of_which_the_threshold_was_changed_says_so(whatif, person):
    person("Ada", country="DE")
    (named,) = whatif(LIVE.replace("A = 50", "A = 25")).named["grades"]

    assert (named["why"]["kind"], named["why"]["id"]) == ("grades", "fit")


def test_a_stage_is_told_by_the_qualification_that_it_stands_for(whatif, person):
    ada = person("Ada", visits=1)
    (named,) = whatif(LIVE.replace("heat >= 40", "heat >= 15")).named["stages"]

    assert (named["lead_id"], named["was"], named["is_now"]) == (ada, "lead", "mql")
    assert (named["why"]["kind"], named["why"]["id"]) == ("condition", "mql")


def test_those_whom_it_moves_furthest_come_first_and_at_most_ten(whatif, person):
    """Country takes as much as visits give: two leads stand highest in the end, move by nothing, and so are not among the ten."""
    person("Who moves not")
    some = [person(f"Person {at}", visits=1, country="DE" if at in (2, 7) else "") for at in range(13)]
    edited = LIVE.replace('event = "page_viewed"\npoints = 20', 'event = "page_viewed"\npoints = 45')
    found = whatif(edited.replace("points = 30", "points = 5"))

    named = found.named["gained"]["mql"]
    assert [one["lead_id"] for one in named] == [pk for pk in some if pk not in (some[2], some[7])][:10]
    assert {one["far"] for one in named} == {250_000}
    assert found.counts["qualifications"]["mql"] == [0, 13, 13, 0]


def test_of_equals_those_that_stand_highest_come_first(whatif, person):
    low, high = person("Low", visits=1), person("High", visits=1, country="DE")
    found = whatif(LIVE.replace("heat >= 40", "heat >= 15"))

    assert [one["lead_id"] for one in found.named["gained"]["mql"]] == [high, low]
