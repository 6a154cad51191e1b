"""A review from files: through time, once where nothing is dated, and what cannot be reviewed."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from leadline.engine.problems import ProblemsError
from leadline.engine.review.half_lives import TRIED
from leadline.engine.review.model import Review
from leadline.engine.review.run import review
from leadline.engine.run import Inputs

PLAYBOOK = """\
[playbook]
name = "shop"
timezone = "Europe/Berlin"

[scores.interest]
title = "Interest"

[[criteria]]
id = "prices"
score = "interest"
why = "Looked at prices"
event = "page_viewed"
when = "path = '/prices'"
points = 10
decay = { half_life = "90d" }

[[criteria]]
id = "careers"
score = "interest"
why = "Looked at careers"
event = "page_viewed"
when = "path = '/careers'"
points = 10
within = "400d"

[[criteria]]
id = "large"
score = "interest"
why = "A large firm"
when = "size = 'large'"
points = 10

[[qualifications]]
id = "mql"
enter = "interest >= 15"
stay = "interest >= 5"
"""
START, END = "2025-01-01", "2025-12-31"


def write(path: Path, head: tuple[str, ...], rows: list[tuple[object, ...]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return path


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six hundred leads of 2025: who looks at prices buys within weeks, who looks at careers does not; size says nothing."""
    folder = tmp_path_factory.mktemp("shop")
    random = np.random.default_rng(8)
    leads, events, outcomes, undated = [], [], [], []
    for number in range(600):
        lead_id, born = f"L{number:03}", datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=int(random.integers(0, 200)))
        leads.append((lead_id, ("large", "small", "")[number % 3], born.isoformat()))
        likes_prices, wants_job = random.random() < 0.4, random.random() < 0.3
        if likes_prices:
            events.append((lead_id, "page_viewed", (born + timedelta(days=5)).isoformat(), "/prices"))
        if wants_job:
            events.append((lead_id, "page_viewed", (born + timedelta(days=3)).isoformat(), "/careers"))
        if random.random() < (0.6 if likes_prices else 0.25) * (0.3 if wants_job else 1):
            at = born + timedelta(days=int(random.integers(40, 110)))
            outcomes.append((lead_id, "won", at.isoformat()))
            undated.append((lead_id, "won"))
        elif random.random() < 0.2:
            outcomes.append((lead_id, "lost", (born + timedelta(days=120)).isoformat()))
    outcomes.append(("L599", "lost", "2025-12-30T10:00:00Z"))
    write(folder / "leads.csv", ("lead_id", "size", "created_at"), leads)
    write(folder / "events.csv", ("lead_id", "event", "occurred_at", "path"), events)
    write(folder / "outcomes.csv", ("lead_id", "outcome", "at"), outcomes)
    write(folder / "undated.csv", ("lead_id", "outcome"), undated)
    (folder / "playbook.toml").write_text(PLAYBOOK, encoding="utf-8")
    return folder


def inputs_in(folder: Path, outcomes: str | None = "outcomes.csv") -> Inputs:
    return Inputs(
        leads=folder / "leads.csv",
        events=folder / "events.csv",
        outcomes=None if outcomes is None else folder / outcomes,
    )


@pytest.fixture(scope="module")
def found(shop: Path) -> Review:
    return review(shop / "playbook.toml", inputs_in(shop), start=START, end=END)


def test_a_review_through_time_finds_what_was_put_in(found: Review) -> None:
    verdicts = {one.id: one.verdict for one in found.criteria}

    assert verdicts["prices"] == "fine"
    assert verdicts["careers"] == "harmful"
    assert verdicts["large"] in ("unproven", "too heavy")
    assert (found.kind, found.horizon_days, found.until) == ("through time", 90, "2025-12-30")
    assert (found.first, found.last) == ("2025-01-31", "2025-09-30")


def test_every_half_life_is_tried_unless_one_does_not_want_to(shop: Path, found: Review) -> None:
    assert [one.id for one in found.half_lives] == ["prices", "interest"]  # too few who looked at careers buy
    assert [trial.days for trial in found.half_lives[0].trials] == list(TRIED)

    without = review(shop / "playbook.toml", inputs_in(shop), start=START, end=END, half_lives=False)

    assert without.half_lives == ()
    assert without.criteria == found.criteria


def test_without_a_first_day_it_begins_with_the_first_thing_that_is_dated(shop: Path, found: Review) -> None:
    assert review(shop / "playbook.toml", inputs_in(shop), end=END, half_lives=False).criteria == found.criteria


def test_old_data_is_not_judged_by_today(shop: Path, found: Review) -> None:
    late = review(shop / "playbook.toml", inputs_in(shop), start=START, end="2031-01-01", half_lives=False)

    assert (late.until, late.last, late.criteria) == (found.until, found.last, found.criteria)


def test_days_that_are_none_are_told(shop: Path) -> None:
    for days in ({"end": "tomorrow"}, {"start": "then", "end": END}, {"start": "2026-01-01", "end": END}):
        with pytest.raises(ProblemsError) as raised:
            review(shop / "playbook.toml", inputs_in(shop), **days)
        assert raised.value.problems[0].code == "bad-value"
        assert raised.value.problems[0].where in ("--from", "--to")


def test_outcomes_may_be_known_for_longer_or_shorter_than_the_moments(shop: Path) -> None:
    found = review(
        shop / "playbook.toml",
        inputs_in(shop),
        start=START,
        end="2025-06-30",
        outcomes_to="2025-12-31",
        half_lives=False,
    )
    short = review(shop / "playbook.toml", inputs_in(shop), start=START, end="2025-06-30", half_lives=False)

    assert (found.last, found.until) == ("2025-06-30", "2025-12-31")
    assert (short.last, short.until) == ("2025-03-31", "2025-06-30")


def test_where_no_outcome_has_a_time_every_lead_is_judged_once(shop: Path) -> None:
    found = review(shop / "playbook.toml", inputs_in(shop, "undated.csv"), start=START, end=END)

    assert (found.kind, found.horizon_days, found.observations) == ("once", None, 600)
    assert found.reached_leads == len((shop / "undated.csv").read_text().splitlines()) - 1
    assert found.half_lives == ()
    assert all(not side.quarters for one in found.criteria for side in one.sides)


def test_once_can_be_asked_for_where_there_are_times(shop: Path) -> None:
    found = review(shop / "playbook.toml", inputs_in(shop), start=START, end=END, once=True)

    assert (found.kind, found.observations) == ("once", 600)


def test_leads_whose_outcome_has_no_time_are_left_out_where_others_have_one(shop: Path, found: Review) -> None:
    rows = (shop / "outcomes.csv").read_text().splitlines()
    spoiled = [
        rows[0],
        *(",".join([*row.split(",")[:2], ""]) if number % 5 == 0 else row for number, row in enumerate(rows[1:])),
    ]
    (shop / "some.csv").write_text("\n".join(spoiled) + "\n", encoding="utf-8")

    some = review(shop / "playbook.toml", inputs_in(shop, "some.csv"), start=START, end=END, half_lives=False)

    undated = next(one for one in some.left_out if one.reason == "undated")
    assert undated.leads == len({row.split(",")[0] for number, row in enumerate(rows[1:]) if number % 5 == 0})
    assert some.leads < found.leads


@pytest.mark.parametrize(
    ("outcome", "code", "words"),
    [
        ("wonn", "unknown-outcome", "Did you mean 'won'?"),
        ("opportunity", "unknown-outcome", "No lead"),
        ("rejected", "bad-value", "Nobody hopes"),
    ],
)
def test_an_outcome_that_cannot_be_reviewed_is_told(shop: Path, outcome: str, code: str, words: str) -> None:
    with pytest.raises(ProblemsError, match=words) as raised:
        review(shop / "playbook.toml", inputs_in(shop), start=START, end=END, outcome=outcome)

    assert [one.code for one in raised.value.problems] == [code]


def test_all_that_is_wrong_is_told_at_once(shop: Path) -> None:
    with pytest.raises(ProblemsError) as raised:
        review(shop / "playbook.toml", inputs_in(shop, None), start=START, end=END, outcome="lost", horizon_days=0)

    assert [one.code for one in raised.value.problems] == ["missing-input", "bad-value", "bad-value"]


def test_a_playbook_without_criteria_has_nothing_to_review(shop: Path) -> None:
    (shop / "bare.toml").write_text('[playbook]\nname = "bare"\n', encoding="utf-8")

    with pytest.raises(ProblemsError) as raised:
        review(shop / "bare.toml", inputs_in(shop), start=START, end=END)

    assert "no-criteria" in [one.code for one in raised.value.problems]


def test_where_only_outcomes_are_dated_it_says_what_to_do(shop: Path) -> None:
    rows = [line.split(",")[:2] for line in (shop / "leads.csv").read_text().splitlines()[1:]]
    write(shop / "bare_leads.csv", ("lead_id", "size"), [tuple(row) for row in rows])

    found = review(
        shop / "playbook.toml",
        Inputs(leads=shop / "bare_leads.csv", outcomes=shop / "outcomes.csv"),
        start=START,
        end=END,
        half_lives=False,
    )

    assert any("--once" in note for note in found.notes)


def test_the_same_data_gives_the_same_review(shop: Path, found: Review) -> None:
    assert review(shop / "playbook.toml", inputs_in(shop), start=START, end=END).to_dict() == found.to_dict()


def test_postgres_says_the_same(shop: Path, found: Review, postgres_url: str) -> None:
    import psycopg

    schema = f"review_{uuid4().hex[:12]}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}")
        try:
            for table in ("leads", "events", "outcomes", "undated"):
                with (shop / f"{table}.csv").open(encoding="utf-8", newline="") as file:
                    head, *rows = csv.reader(file)
                columns = ", ".join(f"{name} text" for name in head)
                connection.execute(f"CREATE TABLE {schema}.{table} ({columns})")
                with connection.cursor().copy(f"COPY {schema}.{table} FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row([cell or None for cell in row])

            def reviewed(outcomes: str) -> Review:
                named = {name: f"table:{schema}.{name}" for name in ("leads", "events")}
                inputs = Inputs(**named, outcomes=f"table:{schema}.{outcomes}")
                return review(shop / "playbook.toml", inputs, end=END, backend=postgres_url, half_lives=False)

            there, once = reviewed("outcomes"), reviewed("undated")
        finally:
            connection.execute(f"DROP SCHEMA {schema} CASCADE")

    assert (there.criteria, there.until, there.left_out) == (found.criteria, found.until, found.left_out)
    assert (once.kind, once.observations) == ("once", 600)
