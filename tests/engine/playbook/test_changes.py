"""What changed between two versions of a playbook, sentence by sentence."""

from pathlib import Path

import pytest

from leadline.engine.playbook.changes import PlaybookChange, playbook_changes
from leadline.engine.playbook.changes_text import render_changes
from leadline.engine.playbook.check import BoundPlaybook, bind_playbook
from leadline.engine.playbook.load import read_playbook

TEXT = (Path(__file__).parent / "everything.toml").read_text(encoding="utf-8")


def bind(text: str) -> BoundPlaybook:
    return bind_playbook(read_playbook(text)[0])[0]


def changed(*replacements: tuple[str, str]) -> list[PlaybookChange]:
    """Return what changed when some texts stand in the place of others."""
    text = TEXT
    for old, new in replacements:
        assert text.count(old) == 1, (text.count(old), old)
        text = text.replace(old, new)
    return playbook_changes(bind(TEXT), bind(text))


@pytest.mark.parametrize(
    ("old", "new", "part", "said"),
    [
        ('name = "everything"', 'name = "all"', "playbook", "Name: called “all” instead of “everything”."),
        (
            'timezone = "Europe/Berlin"',
            'timezone = "UTC"',
            "playbook",
            "Time zone: a day in UTC instead of a day in Europe/Berlin.",
        ),
        (
            "needs_consent = true",
            "",
            "playbook",
            "Consent: a lead is scored also when it has not agreed.",
        ),
        (
            'grade = ["fit", "engagement"]',
            'grade = ["engagement", "fit"]',
            "playbook",
            "Grade: made of engagement and fit instead of made of fit and engagement.",
        ),
        (
            'separator = "|"',
            'separator = ","',
            "fields",
            "the lead's tags: a list, separated by “,”; Select means that it is not known"
            " instead of a list, separated by “|”; Select means that it is not known.",
        ),
        ('seats = "number"', 'seats = "text"', "events", "“demo requested”: its seats is a text instead of its seats is a number."),
        (
            '["person", "crm", "form"]',
            '["crm", "person", "form"]',
            "sources",
            "Who is believed: first of crm, person, form instead of first of person, crm, form.",
        ),
        ('["gmail.com", "gmx.de"]', '["gmail.com", "web.de"]', "lists", "The list free_mail: also has web.de; no longer has gmx.de."),
        ("min = 0\nmax = 100", "min = -5\nmax = 100", "scores.fit", "Fit: who they are: at least minus 5 instead of 0."),
        ("max = 150", "", "scores.total", "total: no longer at most 150."),
        ("A = 50, B = 25", "A = 60, B = 25", "scores.fit", "Fit: who they are: A from 60 instead of 50."),
        ("A = 50, B = 25, C = 0", "A = 50, C = 0", "scores.fit", "Fit: who they are: no longer B from 25."),
        ('sum_of = ["fit", "engagement"]', 'sum_of = ["fit"]', "scores.total", "total: no longer adds engagement."),
        ("points = 40", "points = 1", "scores.engagement", "Asked for a demo: 1 point instead of 40 points."),
        ("points = 40", "points = -4.5", "scores.engagement", "Asked for a demo: minus 4.5 points instead of 40."),
        (
            'half_life = "14d"',
            'half_life = "21d"',
            "scores.engagement",
            "Looked at prices: worth half after every 21 days instead of 14.",
        ),
        (
            'decay = { linear = "30d" }',
            "",
            "scores.engagement",
            "Asked for a demo: no longer fades evenly to nothing in 30 days.",
        ),
        (
            "drop = 0.15",
            "drop = 0.2",
            "scores.engagement",
            "Was at a webinar: worth 20 % less after every 45 days instead of 15 % less after every 45 days.",
        ),
        ('within = "60d"', "", "scores.engagement", "Looked at prices: no longer forgotten after 60 days."),
        (
            'count = 2, per = "week"',
            'count = 5, per = "week"',
            "scores.engagement",
            "Looked at prices: at most 5 times a calendar week instead of at most twice a calendar week.",
        ),
        (
            '["page_viewed", "price_opened"]',
            '"page_viewed"',
            "scores.engagement",
            "Looked at prices: no longer for each “price opened”.",
        ),
        (" and seats > 2", "", "scores.engagement", "Looked at prices: its condition no longer asks that its seats is more than 2."),
        (" and seats > 2", " and seats > 5", "scores.engagement", "Looked at prices: only when its seats is more than 5 instead of 2."),
        (
            "employees between 50 and 2000\", points = 25",
            "employees between 50 and 2000\", points = 30",
            "scores.fit",
            "Company size: 30 points instead of 25 when the company's employees is from 50 to 2000.",
        ),
        (
            "employees < 5\", points = -10",
            "employees < 8\", points = -15",
            "scores.fit",
            "Company size: minus 15 points instead of minus 10 when the company's employees is less than 8 instead of 5.",
        ),
        (
            'inactive_for = "30d"',
            'inactive_for = "14d"',
            "scores.engagement",
            "Nothing heard for a month: for every full 14 days instead of 30.",
        ),
        (
            'activity = ["page_viewed", "demo_requested"]',
            "",
            "scores.engagement",
            "Nothing heard for a month: without an event that earns points instead of “page viewed” or “demo requested”.",
        ),
        (
            'why = "Asked for a demo"',
            'why = "Wants a demo"',
            "scores.engagement",
            "Wants a demo: called “Wants a demo” instead of “Asked for a demo”.",
        ),
        ('source = "n = 30"', "", "scores.engagement", "Looked at prices: no longer with the source “n = 30”."),
        ('scores = ["fit", "engagement"]', 'scores = ["engagement"]', "resets", "“unsubscribed”: no longer wipes fit."),
        (
            "budget_amount >= 5000",
            "budget_amount >= 6000",
            "questions",
            "Is there money for this?: partly when the lead's budget amount is at least 6000 instead of 5000.",
        ),
        (
            "seniority in ('vp', 'c_level')",
            "seniority in ('vp', 'director')",
            "personas",
            "Leads marketing: when the lead's seniority is also director, no longer c_level.",
        ),
        (
            "company.domain = 'rival.example'",
            "company.domain = 'rival.example' or company.domain = 'foe.example'",
            "exclusions",
            "Works for a competitor: its condition also holds when the company's domain is foe.example.",
        ),
        (
            "fit >= 50 and engagement >= 40",
            "fit >= 55 and engagement >= 40",
            "qualifications",
            "Marketing qualified: enters when the score fit is at least 55 instead of 50.",
        ),
        (
            'stay = "fit >= 40 and engagement >= 20"',
            "",
            "qualifications",
            "Marketing qualified: no longer stays also while the score fit is at least 40, and the score engagement is at least 20.",
        ),
        (
            '["demo_requested", "contact_requested"]',
            '["demo_requested"]',
            "qualifications",
            "Marketing qualified: a hand is no longer raised by “contact requested”.",
        ),
        (
            'cooldown = "30d"',
            'cooldown = "45d"',
            "qualifications",
            "Marketing qualified: quiet for 45 days after being given back instead of 30.",
        ),
        ('quiet = "90d"', 'quiet = "60d"', "outcomes", "Given back for later: quiet for 60 days instead of 90."),
        (
            'returns = "hand_raise"',
            'returns = "never"',
            "outcomes",
            "Given back for later: its reason “No budget this year”: never comes back instead of comes back only by a raised hand.",
        ),
        (
            'reset = []',
            "",
            "outcomes",
            "Given back for later: its reason later: wipes what its outcome wipes instead of wipes nothing.",
        ),
        (
            'quiet = "180d"\nreset = ["engagement"]',
            'quiet = "180d"\nreset = ["fit"]',
            "outcomes",
            "Given back for later: its reason “No budget this year”: wipes fit instead of wipes engagement.",
        ),
        ("ends = false", "ends = true", "outcomes", "Met in person: ends a qualification now."),
        ('until = ["lost", "won"]', 'until = ["lost"]', "stages", "opportunity: no longer ended by won."),
        ('respond_within = "4h"', 'respond_within = "8h"', "handoff", "Hand-off: answered within 8 working hours instead of 4."),
        (
            "employees >= 1000",
            "employees >= 500",
            "handoff",
            "Hand-off: the route to enterprise: when the company's employees is at least 500 instead of 1000.",
        ),
        ('to = "berlin"', 'to = "munich"', "handoff", "Hand-off: the route to munich: to “munich” instead of “berlin”."),
    ],
)  # fmt: skip
def test_a_change_names_no_more_than_the_value_that_differs(old: str, new: str, part: str, said: str) -> None:
    found = changed((old, new))

    assert (part, "changed", said) in [(one.part, one.kind, one.sentence) for one in found]
    assert {one.part for one in found} == {part}


def test_what_came_and_what_is_gone_is_said_whole() -> None:
    without = TEXT.replace(
        TEXT[TEXT.index('[[criteria]]\nid = "demo"') : TEXT.index('[[criteria]]\nid = "webinar"')], ""
    )

    (gone, *others), (new, *_) = (
        playbook_changes(bind(one), bind(other)) for one, other in ((TEXT, without), (without, TEXT))
    )

    said = "Asked for a demo: 40 points for each “demo requested”; fades evenly to nothing in 30 days."
    assert (gone.kind, gone.id, gone.before, gone.after, gone.sentence) == ("removed", "demo", said, None, said)
    assert (new.kind, new.id, new.before, new.after, new.sentence) == ("added", "demo", None, said, said)
    assert [one.sentence for one in others] == ["Nothing heard for a year: no longer ended by “demo requested”."], (
        "what is activity by default follows from the other criteria"
    )


def test_a_criterion_under_another_id_is_renamed_and_one_in_another_score_has_moved() -> None:
    (renamed,) = changed(('id = "demo"', 'id = "demo-request"'))
    (moved,) = changed(('id = "webinar"\nscore = "engagement"', 'id = "webinar"\nscore = "fit"'))

    assert (renamed.kind, renamed.id, renamed.old_id) == ("renamed", "demo-request", "demo")
    assert renamed.sentence == "Asked for a demo: the id is demo-request instead of demo."
    assert (moved.kind, moved.part) == ("moved", "scores.fit")
    assert moved.sentence == "Was at a webinar: adds to “Fit: who they are” instead of “Engagement”."


def test_a_criterion_with_another_rule_under_another_id_is_another_one() -> None:
    found = changed(('id = "demo"', 'id = "demo-request"'), ("points = 40", "points = 41"))

    assert [(one.kind, one.id) for one in found] == [("added", "demo-request"), ("removed", "demo")]


def test_a_renamed_score_keeps_its_criteria() -> None:
    text = TEXT.replace('"fit"', '"match"').replace("[scores.fit]", "[scores.match]").replace("fit >=", "match >=")

    found = playbook_changes(bind(TEXT), bind(text))

    assert ("score", "renamed", "match") in [(one.what, one.kind, one.id) for one in found]
    assert [one for one in found if one.what == "criterion"] == []


def test_a_criterion_of_another_kind_says_so() -> None:
    (found,) = changed(
        ('event = "demo_requested"\npoints = 40\ndecay = { linear = "30d" }', 'when = "a = 1"\npoints = 40')
    )[:1]

    assert found.sentence == "Asked for a demo: about facts instead of about events."
    assert found.before != found.after


def test_a_list_that_changed_is_told_of_every_criterion_that_asks_it() -> None:
    found = changed(('["DE", "AT", "CH"]', '["DE", "AT", "NL"]'))

    assert [(one.part, one.sentence) for one in found] == [
        ("lists", "The list core_countries: also has NL; no longer has CH."),
        ("scores.fit", "In a country where we have people: the list “core countries” has other entries."),
    ]


def test_a_declared_type_that_changed_is_told_of_what_reads_it() -> None:
    before = TEXT.replace("country in list('core_countries')", "region is not null")
    after = before.replace("[fields]", '[fields]\nregion = { type = "number" }')

    found = playbook_changes(bind(before), bind(after))

    assert [one.sentence for one in found] == [
        "The lead's region is a number.",
        "In a country where we have people: the lead's region is read as a number instead of a text.",
    ]


def test_two_names_that_are_said_alike_are_told_apart_as_they_are_written() -> None:
    before, after = (
        TEXT.replace("seniority = 'manager'", f"{name} = 'manager'") for name in ("job_level", '\\"job level\\"')
    )

    (found,) = playbook_changes(bind(before), bind(after))

    assert found.details == ("when ‘\"job level\" = 'manager'’ instead of ‘job_level = 'manager'’",)


def test_the_order_is_a_change_where_the_first_that_holds_wins() -> None:
    leader = TEXT[TEXT.index('[[personas]]\nid = "leader"') : TEXT.index('[[personas]]\nid = "doer"')]
    doer = TEXT[TEXT.index('[[personas]]\nid = "doer"') : TEXT.index('[[exclusions]]\nid = "competitor"')]

    (found,) = playbook_changes(bind(TEXT), bind(TEXT.replace(leader + doer, doer + leader)))

    assert (found.part, found.kind, found.before, found.after) == ("personas", "moved", "leader, doer", "doer, leader")


def test_what_is_new_in_an_ordered_part_says_where_it_stands() -> None:
    new = '[[personas]]\nid = "boss"\nwhen = "seniority = \'ceo\'"\n\n'

    (found,) = changed(('[[personas]]\nid = "doer"', f'{new}[[personas]]\nid = "doer"'))

    assert found.sentence == "boss: when the lead's seniority is ceo (before “doer”)."


def test_what_weighs_most_comes_first_in_a_score_and_words_come_last() -> None:
    found = changed(
        ("points = 10\ndecay = { half_life", "points = 12\ndecay = { half_life"),
        ("points = 40", "points = 39"),
        ('why = "Was at a webinar"', 'why = "Listened to us"'),
        ('title = "Engagement"', 'title = "Interest"'),
    )

    assert [(one.what, one.id) for one in found] == [
        ("score", "engagement"),
        ("criterion", "demo"),
        ("criterion", "prices"),
        ("criterion", "webinar"),
    ]
    assert [one.is_wording for one in found] == [True, False, False, True]


def test_as_a_text_with_the_parts_in_the_order_of_the_playbook() -> None:
    found = changed(("points = 40", "points = 30"), ("max = 100", "max = 90"), ("fit >= 50", "fit >= 60"))

    assert (
        render_changes(found)
        == """\
Fit: who they are
- Changed: Fit: who they are: at most 90 instead of 100.

Engagement
- Changed: Asked for a demo: 30 points instead of 40.

Qualifications
- Changed: Marketing qualified: enters when the score fit is at least 60 instead of 50."""
    )
    assert render_changes([]) == "Nothing changed."
