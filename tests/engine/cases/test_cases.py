"""Cases: what they can say, what is refused, and how a failure reads."""

from pathlib import Path

import pytest

from leadline.engine.cases import run_cases
from leadline.engine.problems import ProblemsError

PLAYBOOK = """
[playbook]
name = "story"
timezone = "Europe/Berlin"
grade = ["fit"]

[fields]
tags = { type = "list", missing = ["Select"] }
wants_call = { type = "boolean" }
renewal = { type = "date" }

[scores.fit]
max = 50
grades = { A = 40, B = 20, C = 0 }

[scores.engagement]

[[criteria]]
id = "size"
score = "fit"
why = "Company size"
choose = [{ when = "company.employees >= 50", points = 25 }, { when = "company.employees < 5", points = -10 }]

[[criteria]]
id = "vp"
score = "fit"
why = "Can decide"
when = "seniority = 'vp' or has(tags, 'board') or wants_call is true"
points = 35

[[criteria]]
id = "renews"
score = "fit"
why = "Renews soon"
when = "days_since(renewal) between -30 and 0"
points = 5

[[criteria]]
id = "prices"
score = "engagement"
why = "Looked at prices"
event = "page_viewed"
when = "starts_with(path, '/pricing')"
points = 10
decay = { half_life = "14d" }
limit = { count = 1, per = "day" }
max = 30

[questions.budget]
ask = "Is there money?"
yes = "budget_amount >= 1000"

[[personas]]
id = "boss"
when = "seniority = 'vp'"

[[exclusions]]
id = "student"
when = "seniority = 'student'"

[[qualifications]]
id = "mql"
enter = "fit >= 40 and engagement >= 10"
stay = "fit >= 20"

[outcomes.recycled]
[[outcomes.recycled.reasons]]
id = "no-budget"
"""

END = "\nexpect = { grade = 'A' }"
HEAD = '[[case]]\nname = "one"\nas_of = 2026-03-02T09:00:00Z\n'


@pytest.fixture
def run(tmp_path: Path):
    """Run a text of cases against the playbook above."""

    def run(text: str):
        (tmp_path / "playbook.toml").write_text(PLAYBOOK, encoding="utf-8")
        (tmp_path / "cases.toml").write_text(text, encoding="utf-8")
        return run_cases(tmp_path / "playbook.toml")

    return run


def passes(run, text: str) -> bool:
    (result,) = run(HEAD + text)
    return result.passed


def test_a_case_can_expect_everything_that_an_assessment_says(run):
    assert passes(
        run,
        """
        lead = { seniority = " VP ", lead_id = "ann" }
        company = { employees = 320 }
        events = [{ event = "page_viewed", days_ago = 14, path = "/pricing" }]
        facts = [{ field = "questions.budget", value = "partly", days_ago = 2, source = "person" }]
        expect.scores = { fit = 50, engagement = 5 }
        expect.low = { fit = 50, engagement = 5 }
        expect.high = { fit = 50 }
        expect.coverage = { fit = 0.9230, engagement = 1 }
        expect.grade = "A"
        expect.persona = "boss"
        expect.excluded_by = ""
        expect.qualifications = []
        expect.stays = ["mql"]
        expect.questions = { budget = "partly" }
        expect.reasons = ["vp", "size"]
        expect.contributions = { size = 25, renews = 0 }
        expect.unknown = ["renews"]
        """,
    )


@pytest.mark.parametrize(
    ("written", "event"),
    [
        ("as_of = 2026-03-02", "days_ago = 0"),
        ("as_of = 2026-03-02T09:00:00Z", "days_ago = 0"),
        ("as_of = 2026-03-02T09:00:00Z", 'days_ago = 0, time = "10:00"'),
        ("as_of = '2026-03-02T09:00:00+00:00'", "days_ago = 0, time = 09:59:59"),
        ("as_of = '2026-03-02'", "at = 2026-03-02T22:59:59Z"),
        ("as_of = 2026-03-02", "at = 2026-03-02"),
        ("as_of = 2026-03-01T23:00:00Z", "at = '2026-03-02'"),
    ],
)
def test_moments_are_local_and_known_by_the_moment_of_the_case(run, written, event):
    text = f'[[case]]\nname = "one"\n{written}\nevents = [{{ event = "page_viewed", path = "/pricing", {event} }}]\n'

    (result,) = run(text + "expect = { scores = { engagement = 10 } }")

    assert result.lines()[:1] == [f"ok      one  ({result.file}:1)"]


@pytest.mark.parametrize("event", ["days_ago = -1", 'days_ago = 0, time = "10:01"', "at = 2026-03-02T09:00:01Z"])
def test_what_lies_ahead_does_not_count(run, event):
    assert passes(
        run,
        f'events = [{{ event = "page_viewed", path = "/pricing", {event} }}]\n'
        "expect = { scores = { engagement = 0 } }",
    )


@pytest.mark.parametrize(
    "lead",
    ['tags = ["Sales", "Board"]', 'tags = "x; BOARD"', "wants_call = true", "wants_call = 'yes'", "seniority = 'vp'"],
)
def test_values_are_read_as_they_are_in_files(run, lead):
    assert passes(run, f"lead = {{ {lead} }}\nexpect = {{ contributions = {{ vp = 35 }} }}")


@pytest.mark.parametrize("value", ["2026-03-20", "'2026-03-20'", "2026-03-19T23:30:00Z"])
def test_dates_are_read_as_local_days(run, value):
    assert passes(run, f"lead = {{ renewal = {value} }}\nexpect = {{ contributions = {{ renews = 5 }} }}")


def test_a_missing_text_says_nothing(run):
    assert passes(
        run,
        "lead = { tags = 'select', seniority = '', wants_call = false }\n"
        "expect = { unknown = ['size', 'vp', 'renews'] }",
    )


def test_twins_count_once_and_the_earlier_one_counts(run):
    assert passes(
        run,
        """
        events = [
          { event = "page_viewed", days_ago = 0, path = "/pricing", event_id = 7 },
          { event = "page_viewed", days_ago = 14, path = "/pricing", event_id = "7" },
          { event = "page_viewed", days_ago = 1, path = "/pricing", is_bot = true },
        ]
        expect = { scores = { engagement = 5 } }
        """,
    )


def test_company_facts_and_withdrawn_facts(run):
    assert passes(
        run,
        """
        company = { employees = 3 }
        facts = [
          { field = "employees", value = 90, days_ago = 3, company = true },
          { field = "seniority", value = "vp", days_ago = 3, source = "crm" },
          { field = "seniority", value = "", known_at = 2026-03-01, source = "crm" },
        ]
        expect = { contributions = { size = 25, vp = 0 } }
        """,
    )


def test_reasons_are_the_first_ones_and_an_empty_list_means_none(run):
    company = "lead = { seniority = 'vp' }\ncompany = { employees = 90 }\n"

    assert passes(run, company + "expect = { reasons = ['vp'] }")
    assert passes(run, company + "expect = { reasons = ['vp', 'size'] }")
    assert not passes(run, company + "expect = { reasons = ['size'] }")
    assert not passes(run, company + "expect = { reasons = [] }")


def test_a_failure_says_what_was_expected_and_what_was_found(run):
    (result,) = run(HEAD + "lead = { seniority = 'vp' }\nexpect = { scores = { fit = 50 }, qualifications = ['mql'] }")

    assert not result.passed
    assert [(one.item, one.expected, one.found) for one in result.differences] == [
        ("scores.fit", "50", "35"),
        ("qualifications", "mql", "none"),
    ]
    assert result.to_dict()["passed"] is False


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("[[case]]\nname = 'x'" + END, "missing-key", 1),
        (HEAD, "missing-key", 1),
        (HEAD + "expect = {}", "bad-case", 4),
        (HEAD + "expect = { scores = { fti = 1 } }", "unknown-score", 4),
        (HEAD + "expect = { scores = { fit = 1.00001 } }", "bad-value", 4),
        (HEAD + "expect = { questions = { bugdet = 'yes' } }", "unknown-question", 4),
        (HEAD + "expect = { questions = { budget = 'perhaps' } }", "bad-value", 4),
        (HEAD + "expect = { qualifications = ['sql'] }", "unknown-qualification", 4),
        (HEAD + "expect = { reasons = ['sizes'] }", "bad-case", 4),
        (HEAD + "expect = { persona = 'chef' }", "bad-case", 4),
        (HEAD + "expect = { points = 3 }", "unknown-key", 4),
        (HEAD + "leed = {}" + END, "unknown-key", 4),
        (HEAD + "company = { employees = 'many' }" + END, "bad-case", 4),
        (HEAD + "lead = { seniority = ['vp'] }" + END, "bad-case", 4),
        (HEAD + "events = [\n{ event = 'x', days_ago = 1 },\n{ event = 'x' }]" + END, "missing-key", 6),
        (HEAD + "events = [{ event = 'x', days_ago = 1, at = 2026-01-01 }]" + END, "conflicting-keys", 4),
        (HEAD + "events = [{ event = 'x', days_ago = 1, time = '25:00' }]" + END, "bad-case", 4),
        (HEAD + "events = [{ event = 'x', at = 2026-03-01T10:00:00 }]" + END, "bad-case", 4),
        (HEAD + "outcomes = [{ outcome = 'recycle', days_ago = 1 }]" + END, "unknown-outcome", 4),
        (HEAD + "outcomes = [{ outcome = 'recycled', reason = 'budget', days_ago = 1 }]" + END, "bad-case", 4),
        (HEAD + "facts = [{ field = 'questions.need', value = 'yes', days_ago = 1 }]" + END, "unknown-question", 4),
        (HEAD + "facts = [{ field = 'questions.budget', value = 'perhaps', days_ago = 1 }]" + END, "bad-case", 4),
        ("[[case]]\nname = 'x'\nas_of = 2026-03-02T09:00:00" + END, "bad-case", 3),
        ("[[cases]]\nname = 'x'", "unknown-key", 1),
        ("[[case]]\nname = ", "toml-syntax", 2),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named_with_its_line(run, text, code, line):
    with pytest.raises(ProblemsError) as caught:
        run(text)

    assert (code, line) in [(problem.code, problem.line) for problem in caught.value.problems]


def test_all_that_is_wrong_is_told_at_once(run):
    with pytest.raises(ProblemsError) as caught:
        run(HEAD + "company = { employees = 'many' }\nexpect = { scores = { fti = 1 }, grads = 'A' }")

    assert [problem.code for problem in caught.value.problems] == ["bad-case", "unknown-score", "unknown-key"]


def test_a_field_that_is_nearly_one_that_is_read_is_warned_of(run):
    (result,) = run(HEAD + "lead = { senority = 'vp', city = 'Bonn' }\nexpect = { scores = { fit = 0 } }")

    assert result.passed
    assert [(warning.code, warning.line) for warning in result.warnings] == [("unknown-field", 4)]


def test_a_file_that_is_not_there_is_a_problem(tmp_path):
    (tmp_path / "playbook.toml").write_text(PLAYBOOK, encoding="utf-8")

    with pytest.raises(ProblemsError) as caught:
        run_cases(tmp_path / "playbook.toml")

    assert [problem.code for problem in caught.value.problems] == ["unreadable-file"]
