"""The checked-in scenarios: hard cases written by hand, and draws in which much meets.

python -m tests.parity.corpus       draws the file corpus/drawn.json anew
"""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from tests.parity.expected import ask_reference
from tests.strategies import Scenario, scenarios

from leadline.engine.problems import ProblemsError

FOLDER = Path(__file__).parent / "corpus"
DRAWN = 24


def read_corpus() -> Iterator[tuple[str, Scenario]]:
    """Yield every scenario with its name."""
    for path in sorted(FOLDER.glob("*.json")):
        for name, found in json.loads(path.read_text(encoding="utf-8")).items():
            yield f"{path.stem}: {name}", Scenario(**found)


def draw_corpus(count: int) -> list[Scenario]:
    """Return scenarios of text in which most leads earn points, some are unknown and some rows are left out."""
    kept: list[Scenario] = []

    @seed(20260329)
    @settings(
        max_examples=600, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(scenario=scenarios())
    def look(scenario: Scenario) -> None:
        try:
            expected = ask_reference(scenario)
        except ProblemsError:
            return
        earned = sum(bool(row["reasons"]) for row in expected.rows)
        rows = sum(len(table) for table in scenario.tables.values())
        if scenario.storage != "parquet" and earned > 1 and 10 < rows < 40 and len(expected.left_out) > 1:
            kept.append(scenario)

    look()
    return kept[:count]


if __name__ == "__main__":
    drawn = {str(number): asdict(scenario) for number, scenario in enumerate(draw_corpus(DRAWN), start=1)}
    text = json.dumps(drawn, ensure_ascii=False, indent=1)
    (FOLDER / "drawn.json").write_text(text + "\n", encoding="utf-8")
