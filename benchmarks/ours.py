"""Leadline itself, as its users call it, for the runner.

python -m benchmarks.ours SIZE OUT.parquet [--no-horizon] [--memory 1GB] [--rollup F] [--factor 8] [--duplicates] [--backend …]
python -m benchmarks.ours SIZE ROLLUP.parquet --build
"""

import argparse
from pathlib import Path

from benchmarks.generate import AS_OF, generate
from leadline.engine.assess import score
from leadline.engine.rollup import build_rollup
from leadline.engine.run import Inputs

HERE = Path(__file__).parent


def playbook_path(*, no_horizon: bool = False) -> Path:
    """Where the benchmark's playbook is."""
    return HERE / ("playbook-no-horizon.toml" if no_horizon else "playbook.toml")


def main() -> None:
    """Score, or build the roll-up."""
    parser = argparse.ArgumentParser()
    parser.add_argument("size", type=float)
    parser.add_argument("out", type=Path)
    parser.add_argument("--no-horizon", action="store_true")
    parser.add_argument("--memory")
    parser.add_argument("--rollup", type=Path)
    parser.add_argument("--factor", type=int, default=1)
    parser.add_argument("--duplicates", action="store_true")
    parser.add_argument("--backend", default="duckdb")
    parser.add_argument("--build", action="store_true")
    asked = parser.parse_args()
    data = generate(asked.size, events_factor=asked.factor)
    playbook = playbook_path(no_horizon=asked.no_horizon)
    if asked.build:
        build_rollup(playbook, events=data.events, out=asked.out, events_are_unique=True)
        return
    inputs = Inputs(leads=data.leads, events=None if asked.rollup else data.events)
    with score(
        playbook,
        inputs,
        as_of=AS_OF,
        backend=asked.backend,
        contributions=True,
        memory=asked.memory,
        rollup=asked.rollup,
        events_are_unique=not asked.duplicates,
    ) as scoring:
        scoring.write(asked.out)


if __name__ == "__main__":
    main()
