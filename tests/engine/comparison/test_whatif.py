"""The whole way of a comparison, from files: held to the reference, and its leads explained."""

import json
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from tests.engine.comparison.by_reference import replay_naively
from tests.engine.comparison.shop import LEADS, write_shop

from leadline.engine.backends.rows_of_leads import rows_of_leads
from leadline.engine.comparison.compare import compare
from leadline.engine.comparison.model import Version, WhatIf
from leadline.engine.comparison.whatif import whatif
from leadline.engine.problems import ProblemsError
from leadline.engine.reference.read import read_logs
from leadline.engine.replay.model import Replay
from leadline.engine.run import Inputs, open_run

START, END = date(2026, 1, 5), date(2026, 3, 31)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shop")


@pytest.fixture(scope="module")
def inputs(folder: Path) -> Inputs:
    return write_shop(folder)


@pytest.fixture(scope="module")
def found(folder: Path, inputs: Inputs) -> WhatIf:
    return whatif(
        folder / "old.toml",
        folder / "new.toml",
        inputs,
        start=START,
        end=END,
        capacity="1/week",
        horizon_days=30,
        outcomes_to=END,
    )


def naively(playbook: Path, inputs: Inputs) -> Replay:
    run = open_run(playbook, inputs)
    with closing(run.backend):
        ids = [line.split(",")[0] for line in LEADS.splitlines()[1:]]
        tables = rows_of_leads(run.backend, run.sources, ids)
    return replay_naively(run.bound, read_logs(run.bound, tables).logs, start=START, end=END)


def test_it_is_what_the_reference_says(found: WhatIf, folder: Path, inputs: Inputs) -> None:
    old, new = (naively(folder / name, inputs) for name in ("old.toml", "new.toml"))

    expected = compare(old, new, capacity=1, horizon_days=30)

    nobody = Version(name="", version="")
    plain = [
        replace(
            one,
            old=nobody,
            new=nobody,
            warnings=(),
            telling=tuple(
                replace(lead, explanation=None, other_says=None, criteria=(), scores=()) for lead in one.telling
            ),
        )
        for one in (found, expected)
    ]
    assert plain[0] == plain[1]
    mql = found.get("mql")
    assert (mql.added, mql.removed, mql.earlier, mql.later, mql.same) == (2, 0, 1, 1, 1)


def test_every_telling_lead_is_explained_by_the_version_that_let_it_in(found: WhatIf) -> None:
    for one in found.telling:
        assert one.explanation is not None
        assert one.explanation.lead_id == one.lead_id
        assert one.explanation.as_of == one.at
        (level,) = one.explanation.qualifications
        assert level.holds or one.began_by == "hand_raise"
        assert one.other_says is not None
        assert one.kind != "added" or not one.other_says.holds


def test_what_gave_different_points_is_named_with_both(found: WhatIf) -> None:
    cem = next(one for one in found.telling if one.lead_id == "bob")

    assert [(one.id, one.old, one.new) for one in cem.criteria] == [("webinar", 200_000, 80_000)]
    assert [one.id for one in cem.scores] == ["engagement"]


def test_winners_come_first(found: WhatIf) -> None:
    ways = [[one.is_winner for one in found.telling if one.way == way] for way in ("for", "against")]

    assert all(sorted(winners, reverse=True) == winners for winners in ways)


def test_it_becomes_json_whole(found: WhatIf) -> None:
    said = json.loads(json.dumps(found.to_dict()))

    first = said["telling"][0]
    assert first["explanation"]["lead_id"] == first["lead_id"]
    assert said["new"]["file"].endswith("new.toml")
    assert said["old"]["version"] != said["new"]["version"]


def test_without_a_first_day_the_data_says_which_it_is_and_its_last_day_ends_it(folder: Path, inputs: Inputs) -> None:
    found = whatif(folder / "old.toml", folder / "new.toml", inputs, end="2030-01-01", horizon_days=30)

    said = found.to_dict()
    assert (said["start"], said["end"], said["seen_until"]) == ("2026-01-06", "2026-03-16", "2026-03-11")


def test_outcomes_are_known_to_the_last_one_unless_somebody_says_more(folder: Path, inputs: Inputs) -> None:
    files = folder / "old.toml", folder / "new.toml"

    plain = whatif(*files, inputs, start=START, end=END, horizon_days=30)
    longer = whatif(*files, inputs, start=START, end=END, horizon_days=30, outcomes_to="2026-04-20")

    assert plain.to_dict()["seen_until"] == "2026-03-11"
    assert longer.to_dict()["seen_until"] == "2026-04-20"
    assert plain.get("mql").of("new").mature < longer.get("mql").of("new").mature


def test_a_version_against_itself_tells_nothing(folder: Path, inputs: Inputs) -> None:
    found = whatif(folder / "old.toml", folder / "old.toml", inputs, start=START, end=END)

    assert found.telling == ()
    assert found.old == found.new


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ({"capacity": "lots"}, "--capacity"),
        ({"start": "2026-02-30"}, "--from"),
        ({"end": "tomorrow"}, "--to"),
        ({"start": "2026-05-01"}, "--from"),
        ({"outcomes_to": "later"}, "--outcomes-to"),
        ({"horizon_days": 0}, "--horizon"),
    ],
)
def test_what_cannot_be_used_is_told(folder: Path, inputs: Inputs, settings: dict[str, str], where: str) -> None:
    given = {"start": START, "end": END} | settings

    with pytest.raises(ProblemsError) as error:
        whatif(folder / "old.toml", folder / "new.toml", inputs, **given)

    assert where in [problem.where for problem in error.value.problems]


def test_progress_is_told_from_beginning_to_end(folder: Path, inputs: Inputs) -> None:
    told: list[str] = []
    whatif(
        folder / "old.toml",
        folder / "new.toml",
        inputs,
        start=START,
        end=END,
        progress=lambda what, share: told.append(what),
    )

    assert told[0].startswith("Old version")
    assert told[-1] == "Explaining the most telling leads"
