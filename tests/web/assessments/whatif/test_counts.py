"""What a what-if counts is what one counts by assessing each lead by both texts, whatever was edited and in whatever parts."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.web.assessments.conftest import Person
from tests.web.assessments.whatif.conftest import LIVE, make_draft, run_to_the_end, write_people

from leadline.engine.calendar import instant_of
from leadline.web.assessments.compute import assess_logs
from leadline.web.assessments.logs import read_logs_of
from leadline.web.assessments.models import WhatIf
from leadline.web.assessments.whatif import run
from leadline.web.assessments.whatif.actions import ask
from leadline.web.assessments.whatif.tally import Tally
from leadline.web.leads.models import Lead
from leadline.web.playbooks.models import Draft
from leadline.web.playbooks.queries import compile_toml

NUMBERS = re.compile(r"(?<=points = )\d+|(?<=>= )\d+")


@st.composite
def edits(draw):
    """Return the playbook with some of its points and thresholds changed."""
    return NUMBERS.sub(lambda found: str(draw(st.sampled_from([int(found[0]), 0, 5, 15, 30, 45, 70]))), LIVE)


def by_hand(toml, now):
    """Count by assessing each known lead by itself, by one text and by the other, as if nothing of the what-if were there."""
    found = []
    for pk in (
        Lead.objects.filter(workspace__slug="northwind", merged_into=None, is_known=True)
        .order_by("pk")
        .values_list("pk", flat=True)
    ):
        sides = []
        for text in (LIVE, toml):
            compiled = compile_toml(text)
            (one,) = assess_logs(compiled, read_logs_of(compiled, [pk]), compiled.zone.moment(instant_of(now)))
            sides.append(one)
        found.append(sides)
    levels = {one.id for text in (LIVE, toml) for one in compile_toml(text).playbook.qualifications}
    return {
        "leads": len(found),
        "moved": sum(
            (a.grade, a.stage, set(a.qualifications)) != (b.grade, b.stage, set(b.qualifications)) for a, b in found
        ),
        "levels": {
            name: [
                sum(name in a.qualifications for a, _ in found),
                sum(name in b.qualifications for _, b in found),
                sum(name in b.qualifications and name not in a.qualifications for a, b in found),
                sum(name in a.qualifications and name not in b.qualifications for a, b in found),
            ]
            for name in levels
        },
        "grades": sorted([a.grade, b.grade] for a, b in found),
        "stages": sorted([a.stage, b.stage] for a, b in found),
        "handed": [
            sum("sql" in a.qualifications for a, _ in found),
            sum("sql" in b.qualifications for _, b in found),
            sum("sql" in b.qualifications and "sql" not in a.qualifications for a, b in found),
            sum("sql" in a.qualifications and "sql" not in b.qualifications for a, b in found),
        ],
        "who": {
            name: {
                "gained": {int(b.lead_id) for a, b in found if name in b.qualifications and name not in a.qualifications},
                "lost": {int(b.lead_id) for a, b in found if name in a.qualifications and name not in b.qualifications},
            }
            for name in levels
        },
    }  # fmt: skip


def counted(whatif):
    whatif.refresh_from_db()
    said = whatif.counts
    unfold = lambda rows: sorted([was, is_now] for was, is_now, count in rows for _ in range(count))  # noqa: E731
    return {
        "leads": said["leads"],
        "moved": said["moved"],
        "levels": said["qualifications"],
        "grades": unfold(said["grades"]),
        "stages": unfold(said["stages"]),
        "handed": said["handed"],
    }


def check(whatif, toml, now):
    expected = by_hand(toml, now)
    who = expected.pop("who")
    assert counted(whatif) == expected
    assert (whatif.state, whatif.done, whatif.total) == ("done", expected["leads"], expected["leads"])
    for name, ways in who.items():
        for way, ids in ways.items():
            named = [one["lead_id"] for one in whatif.named.get(way, {}).get(name, ())]
            assert len(named) == len(set(named)) == min(10, len(ids))
            assert set(named) <= ids


@pytest.mark.usefixtures("version", "people")
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(toml=edits(), part=st.sampled_from([1, 4, 11, 100]), seconds=st.sampled_from([0.0, 5.0]))
def test_counts_are_those_of_a_count_by_hand(northwind, now, monkeypatch, toml, part, seconds):
    monkeypatch.setattr(run, "PART", part)
    Draft.objects.all().delete()
    whatif = ask(make_draft(northwind, toml, now), by=None, now=now)

    while run.run_whatifs(now=now, seconds=seconds):
        pass

    check(whatif, toml, now)


@pytest.mark.usefixtures("version", "people")
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(toml=edits(), parts=st.permutations([1, 2, 3, 5, 30]))
def test_who_is_named_does_not_hang_on_the_parts(northwind, now, monkeypatch, toml, parts):
    said = []
    for part in parts[:2]:
        monkeypatch.setattr(run, "PART", part)
        Draft.objects.all().delete()
        whatif = ask(make_draft(northwind, toml, now), by=None, now=now)
        run_to_the_end(now)
        whatif.refresh_from_db()
        said.append((whatif.counts, whatif.named))

    assert said[0] == said[1]


LEVELS = {
    "added": LIVE + '\n[[qualifications]]\nid = "warm"\ntitle = "Warm"\nenter = "heat >= 20"\n',
    "removed": LIVE.replace('qualifications = ["sql"]', 'qualifications = ["mql"]').split("[[qualifications]]")[0]
    + '[[qualifications]]\nid = "mql"\nenter = "heat >= 40"\nstay = "heat >= 30"\ncooldown = "14d"\n',
    "renamed": LIVE.replace('id = "mql"', 'id = "keen"').replace('while = "mql"', 'while = "keen"'),
}


@pytest.mark.parametrize("which", LEVELS)
@pytest.mark.usefixtures("version", "people", "in_parts")
def test_qualifications_that_only_one_text_has_are_counted(northwind, now, which):
    toml = LEVELS[which]
    whatif = ask(make_draft(northwind, toml, now), by=None, now=now)
    run_to_the_end(now)
    whatif.refresh_from_db()

    expected = by_hand(toml, now)
    del expected["who"]
    found = counted(whatif)
    if which == "removed":  # by this text mql is what is handed over
        expected["handed"] = [expected["handed"][0], expected["levels"]["mql"][1]]
        found["handed"] = found["handed"][:2]
    elif which != "added":
        assert found["levels"]["keen"][0] == found["levels"]["mql"][1] == 0 < found["levels"]["mql"][3]
    assert found == expected
    whys = {one["why"]["kind"] for way in ("gained", "lost") for some in whatif.named[way].values() for one in some}
    assert whys == {"added": {"new"}, "removed": {"removed"}, "renamed": {"new", "removed"}}[which]


@pytest.mark.usefixtures("version", "people")
def test_visitors_merged_leads_and_those_of_others_are_not_looked_at(northwind, elsewhere, website, people, now):
    Lead.objects.filter(pk=people[0].pk).update(is_known=False)
    Lead.objects.filter(pk=people[1].pk).update(merged_into=people[2])
    Lead.objects.create(workspace=elsewhere, name="Not ours", is_known=True, first_seen_at=now)

    whatif = ask(make_draft(northwind, LIVE, now), by=None, now=now)
    run_to_the_end(now)

    check(whatif, LIVE, now)
    assert whatif.done == len(people) - 2
    assert whatif.counts["moved"] == 0


@pytest.mark.usefixtures("version")
def test_what_comes_in_meanwhile_is_not_of_that_moment(northwind, website, now, in_parts):
    people = write_people(northwind, website, now, count=8)
    whatif = ask(make_draft(northwind, LIVE.replace("heat >= 40", "heat >= 45"), now), by=None, now=now)
    expected = by_hand(whatif.toml, now)
    for lead in people:
        later = Person.__new__(Person)
        later.source, later.now, later.count, later.lead = website, now + timedelta(minutes=5), 100, lead
        later.does("demo_requested")
    run_to_the_end(now + timedelta(minutes=6))

    assert counted(whatif)["levels"] == expected["levels"]


def test_a_count_survives_being_kept(now):
    tally = Tally(leads=3, moved=1, left_out=2)
    tally.grades["A", "B"] += 2
    tally.stages["", "mql"] += 1
    tally.handed.count(was=True, is_now=False)

    assert Tally.from_json(tally.to_json()) == tally


@pytest.mark.usefixtures("version", "people")
def test_nothing_else_is_written(northwind, now):
    ask(make_draft(northwind, LIVE.replace("points = 30", "points = 60"), now), by=None, now=now)
    with CaptureQueriesContext(connection) as seen:
        run_to_the_end(now)

    written = [one["sql"] for one in seen if re.match(r"(INSERT|UPDATE|DELETE)", one["sql"])]
    assert written
    assert all(WhatIf._meta.db_table in one for one in written)
