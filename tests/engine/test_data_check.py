"""What only the values of the data show about a playbook."""

from collections.abc import Callable
from pathlib import Path

import pytest

from leadline.engine.data_check import check
from leadline.engine.problems import Problem
from leadline.engine.run import Inputs

Look = Callable[..., list[Problem]]

HEAD = """
[playbook]
name = "p"
timezone = "UTC"
[scores.fit]
[scores.engagement]
[lists]
rivals = ["rival.example", "other.example"]
[[criteria]]
id = "visit"
score = "engagement"
why = "Came by"
event = "visit"
points = 1
within = "30d"
"""


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """Check a playbook that begins with HEAD, against two leads and three events."""
    (tmp_path / "leads.csv").write_text(
        "lead_id,seniority,employees,tags,domain\nann,VP,320,a;b,x.example\nbob,junior,12,b,y.example\n"
    )
    (tmp_path / "events.csv").write_text(
        "lead_id,event,occurred_at,path\n"
        "ann,visit,2026-03-01T10:00:00Z,/pricing\nann,visit,2026-03-02T10:00:00Z,/jobs\nbob,visit,2020-03-02T10:00:00Z,/pricing\n"
    )
    (tmp_path / "facts.csv").write_text(
        "lead_id,field,value,known_at\nbob,seniority,director,2026-01-01\nann,questions.need,yes,2026-01-01\n"
    )

    def look(more: str, *, head: str = HEAD, **settings: str) -> list[Problem]:
        (tmp_path / "playbook.toml").write_text(head + more)
        names = ("leads", "events", "facts")
        inputs = Inputs(**{name: tmp_path / f"{name}.csv" for name in names})  # type: ignore[arg-type]
        found = check(tmp_path / "playbook.toml", inputs, **settings)
        return [one for one in found if one.code != "no-criteria"]  # HEAD alone has a score without any

    return look


def fact(condition: str, *, points: int = 1) -> str:
    return f'[[criteria]]\nid = "fact"\nscore = "fit"\nwhy = "w"\nwhen = "{condition}"\npoints = {points}\n'


def event(condition: str) -> str:
    return (
        '[[criteria]]\nid = "look"\nscore = "engagement"\nwhy = "w"\nevent = "visit"\n'
        f'when = "{condition}"\npoints = 1\nwithin = "30d"\n'
    )


def codes(problems: list[Problem]) -> list[str]:
    return [one.code for one in problems]


def test_a_playbook_that_fits_its_data_has_nothing_to_tell(look: Look) -> None:
    assert look(fact("seniority = 'vp' and employees > 100") + event("path = '/pricing'")) == []


@pytest.mark.parametrize(
    ("condition", "hint"),
    [
        ("seniority in ('vp', 'juniro')", "'juniro' does not occur in 'seniority'. Did you mean 'junior'?"),
        ("seniority <> 'vip'", "'vip' does not occur in 'seniority'. Did you mean 'vp'?"),
        (
            "seniority in ('xxxx', 'zzzz', 'vp')",
            "'xxxx' and 'zzzz' do not occur in 'seniority'. There is: 'director', 'junior'",
        ),
        ("domain in list('rivals')", "Nothing in the list 'rivals' occurs in 'domain'."),
        ("count('visit', '9w', path = '/prices') < 1", "'/prices' does not occur in 'path'."),
    ],
)
def test_a_text_that_does_not_occur_is_named_with_the_nearest(look: Look, condition: str, hint: str) -> None:
    found = [one for one in look(fact(condition)) if one.code == "value-not-in-data"]

    assert [one.severity for one in found] == ["warning"]
    assert hint in found[0].message
    assert (found[0].where, found[0].line) == ("criteria.fact.when", 20)


def test_entries_of_lists_and_values_of_facts_occur_too(look: Look) -> None:
    fields = '[fields]\ntags = { type = "list" }\n'

    assert look(fields + fact("has(tags, 'a') and seniority <> 'director'")) == []
    found = look(fields + fact("has(tags, 'c') or has(tags, 'a')"))
    assert codes(found) == ["value-not-in-data"]


def test_a_condition_that_holds_for_nobody_or_everybody_is_told(look: Look) -> None:
    nobody, everybody = look(fact("employees > 5000")), look(fact("employees > 5"))

    assert codes(nobody) == ["never-true"]
    assert "True for none of 2 leads." in nobody[0].message
    assert codes(everybody) == ["always-true"]


def test_what_is_unknown_is_told_beside_never_true(look: Look) -> None:
    (found,) = look(fact("days_since_outcome('won') < 30"))

    assert (found.code, found.message) == ("never-true", "True for none of 2 leads (unknown for all).")


def test_a_condition_on_events_that_none_or_every_one_meets_is_told(look: Look) -> None:
    none, every = look(event("starts_with(path, '/blog')")), look(event("starts_with(path, '/')"))

    assert codes(none) == ["never-true"]
    assert none[0].where == "criteria.look.when"
    assert "none of 3 events 'visit'" in none[0].message
    assert codes(every) == ["always-true"]


def test_a_qualification_that_nobody_reaches_is_told(look: Look) -> None:
    found = look('[[qualifications]]\nid = "mql"\nenter = "engagement >= 3"\nstay = "engagement >= 1"\n')

    assert [(one.code, one.where) for one in found] == [("never-true", "qualifications.mql.enter")]


def test_old_data_is_judged_by_its_own_last_day(look: Look) -> None:
    recently = fact("count('visit', '7d') >= 2")

    assert look(recently) == []
    assert look(recently, as_of="2030-01-01") == []
    assert codes(look(recently, as_of="2025-06-01")) == ["never-true"]


def test_a_declared_field_that_no_input_carries_is_told(look: Look) -> None:
    (found,) = look('[fields]\nsenority = { type = "text" }\n[fields.company]\ncrm = { type = "text" }\n')

    assert (found.code, found.where, found.severity) == ("field-not-in-data", "fields.senority", "warning")
    assert "Did you mean 'seniority'?" in found.message


def test_an_event_criterion_that_never_forgets_is_told_also_without_data(look: Look, tmp_path: Path) -> None:
    head = HEAD.replace('within = "30d"\n', "")

    assert codes(look("", head=head)) == ["no-forgetting"]
    assert codes(check(tmp_path / "playbook.toml")) == ["no-forgetting", "no-criteria"]


def test_errors_are_returned_and_never_raised(look: Look, tmp_path: Path) -> None:
    assert codes(look(fact("senority = 'vp'"))) == ["unknown-field"]
    assert codes(look("[broken")) == ["toml-syntax"]
    assert codes(check(tmp_path / "none.toml")) == ["unreadable-file"]
    look("")
    assert codes(check(tmp_path / "playbook.toml", Inputs(leads=tmp_path / "none.csv"))) == ["unreadable-file"]


def test_a_condition_on_spells_is_looked_at_through_time(look: Look) -> None:
    uses_spells = '[[qualifications]]\nid = "mql"\nenter = "fit >= 0"\n' + fact("spells('mql') >= 1")

    assert "never-true" in codes(look(uses_spells))
