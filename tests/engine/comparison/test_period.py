"""From when to when, where nobody says so."""

from datetime import date
from pathlib import Path

from tests.engine.comparison.by_hand import ZERO, a_replay
from tests.engine.comparison.shop import OLD, write_shop

from leadline.engine.comparison.period import find_period, known_until
from leadline.engine.playbook.load import read_playbook
from leadline.engine.run import Inputs

PLAYBOOK = read_playbook(OLD)[0]


def test_it_begins_with_the_first_dated_row_and_ends_with_the_last(tmp_path: Path) -> None:
    inputs = write_shop(tmp_path)

    assert find_period(PLAYBOOK, inputs, end="2027-01-01") == (date(2026, 1, 6), date(2026, 3, 16))
    assert find_period(PLAYBOOK, inputs, end="2026-02-01") == (date(2026, 1, 6), date(2026, 2, 1))
    assert find_period(PLAYBOOK, inputs, start="2026-01-20", end="2027-01-01") == ("2026-01-20", date(2026, 3, 16))


def test_a_day_before_everything_leaves_one_day(tmp_path: Path) -> None:
    assert find_period(PLAYBOOK, write_shop(tmp_path), end="2025-01-01") == (date(2025, 1, 1), date(2025, 1, 1))


def test_days_are_those_of_the_playbooks_zone(tmp_path: Path) -> None:
    events = tmp_path / "events.csv"
    events.write_text("lead_id,event,occurred_at,path\nann,page_viewed,2026-01-05T23:30:00Z,/\n", encoding="utf-8")
    (tmp_path / "leads.csv").write_text("lead_id\nann\n", encoding="utf-8")
    inputs = Inputs(leads=tmp_path / "leads.csv", events=events)

    assert find_period(PLAYBOOK, inputs, end="2027-01-01") == (date(2026, 1, 6), date(2026, 1, 6))


def test_what_is_no_date_is_left_for_the_replay_to_tell(tmp_path: Path) -> None:
    assert find_period(PLAYBOOK, write_shop(tmp_path), end="soon") == ("soon", "soon")


def test_without_anything_dated_the_last_day_is_all_there_is(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("lead_id\nann\n", encoding="utf-8")

    found = find_period(PLAYBOOK, Inputs(leads=tmp_path / "leads.csv"), end="2026-02-01")

    assert found == ("2026-02-01", "2026-02-01")


def test_outcomes_are_known_to_the_day_of_the_last_one_and_at_most_to_the_end() -> None:
    def until(*days: float, said: int | None = None) -> int:
        return known_until(a_replay(outcomes=[("ann", "won", day) for day in days], last=50), said) - ZERO

    assert until(10, 30) == 30
    assert until(10, 80) == 50
    assert until() == 50
    assert until(10, said=ZERO + 70) == 70
