"""Files: tables as rows to be amended, amended rows as files again, and the spells of an earlier replay.

Spells are read as replay/write.py writes them; scores and points come back to the digit. tests/engine/amendments/test_files.py
guards it.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, cast, get_args

from leadline.engine.amendments.apply import Tables
from leadline.engine.arithmetic import POINT
from leadline.engine.backends.rows_of_files import rows_of_files
from leadline.engine.calendar import Zone, get_zone
from leadline.engine.inputs.source import REQUIRED, TableName
from leadline.engine.inputs.tables import JSON_LINES_ENDINGS
from leadline.engine.lifecycle.model import BeganBy, EndedBy, Evidence, Spell
from leadline.engine.problems import Problem, ProblemsError
from leadline.engine.reference.cells import Row, as_written
from leadline.engine.run import Inputs
from leadline.engine.values import is_missing, read_instant

NEEDED = ("lead_id", "qualification", "number", "began_at", "began_by", "ended_at", "ended_by")
"""The columns without which a file holds no spells. The others may be missing."""

_POINTS = re.compile(r"-?[0-9]+\.[0-9]{4}")


def read_rows(inputs: Inputs) -> dict[str, list[Row]]:
    """Return the rows of the files that were given, by table, as `amended` takes them.

    Raises:
        ProblemsError: a file cannot be read; all that is wrong.
    """
    return cast(dict[str, list[Row]], rows_of_files(inputs.paths()))


def write_rows(tables: Tables, folder: str | Path, *, naive_zone: str = "UTC") -> Inputs:
    """Write tables as CSV files into a folder, which is made if it is not there, and return what `score` and `replay` take.

    Cells are written as texts that mean the same; a list that was stored as one must be declared in the playbook to be read as one.

    *naive_zone*: the zone of times without an offset, which `Inputs` then name.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    paths: dict[str, str] = {}
    for name, rows in tables.items():
        columns = dict.fromkeys(column for row in rows for column in row)
        columns |= {} if rows else {group[0]: None for group in REQUIRED[cast(TableName, name)]}
        paths[name] = str(target / f"{name}.csv")
        with Path(paths[name]).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
            writer.writerow(columns)
            writer.writerows([as_written(row.get(column)) for column in columns] for row in rows)
    return Inputs(
        leads=paths.get("leads"),
        companies=paths.get("companies"),
        events=paths.get("events"),
        facts=paths.get("facts"),
        outcomes=paths.get("outcomes"),
        naive_zone=naive_zone,
    )


def read_spells(path: str | Path, *, timezone: str = "UTC") -> list[Spell]:
    """Return the spells that a replay has written: the file ``spells`` as CSV, JSON Lines or Parquet, in its order.

    Args:
        path: the file.
        timezone: the playbook's, in which days are counted.

    Raises:
        ProblemsError: the file cannot be read, or holds no spells.
    """
    file = Path(path)
    if file.suffix.lower() in JSON_LINES_ENDINGS and file.is_file() and not file.stat().st_size:
        return []  # so JSON Lines say that there are none
    rows = rows_of_files({"leads": str(path)})["leads"]
    if rows and (missing := [name for name in NEEDED if name not in rows[0]]):
        names = ", ".join(f"'{name}'" for name in missing)
        message = f"These are no spells: there is no column {names}. Give the file spells that `leadline replay --out` writes."
        raise ProblemsError([Problem(code="missing-column", message=message, file=str(path))])
    zone = get_zone(timezone)
    found: list[Spell] = []
    problems: list[Problem] = []
    for number, row in enumerate(rows, start=1):
        try:
            found.append(_spell(row, zone))
        except _UnreadableError as error:
            message = f"Spell {number}: {error} Give the file as the replay wrote it."
            problems.append(Problem(code="unreadable-table", message=message, file=str(path)))
    if problems:
        raise ProblemsError(problems)
    return found


class _UnreadableError(ValueError):
    """A cell is not what a replay writes."""


def _spell(row: Mapping[str, Any], zone: Zone) -> Spell:
    def text(name: str) -> str | None:
        written = as_written(row.get(name))
        return None if is_missing(written) else written

    def needed(name: str) -> str:
        written = text(name)
        if written is None:
            raise _UnreadableError(f"'{name}' is empty.")
        return written

    began_us = _instant("began_at", needed("began_at"), zone)
    ended_at = text("ended_at")
    ended_us = None if ended_at is None else _instant("ended_at", ended_at, zone)
    number = needed("number")
    if not number.isdecimal():
        raise _UnreadableError(f"'number' is '{number}'.")
    scores, points = text("scores"), text("criteria")
    is_kept = scores is not None or points is not None or text("grade") is not None
    return Spell(
        lead_id=needed("lead_id"),
        qualification=needed("qualification"),
        number=int(number),
        began_us=began_us,
        began_day=zone.day_of(began_us),
        began_by=cast(BeganBy, _one_of("began_by", needed("began_by"), BeganBy)),
        hand_raise=text("hand_raise"),
        ended_us=ended_us,
        ended_day=None if ended_us is None else zone.day_of(ended_us),
        ended_by=None if ended_us is None else cast(EndedBy, _one_of("ended_by", needed("ended_by"), EndedBy)),
        ended_because=text("ended_because"),
        reason=text("reason"),
        outcome=text("outcome"),
        evidence=Evidence(
            scores=_points("scores", scores), grade=text("grade"), contributions=_points("criteria", points)
        )
        if is_kept
        else None,
    )


def _instant(name: str, text: str, zone: Zone) -> int:
    found = read_instant(text, zone=zone)
    if found is None:
        raise _UnreadableError(f"'{name}' is '{text}', which is no time.")
    return found


def _one_of(name: str, text: str, words: Any) -> str:
    known: Sequence[str] = get_args(words)
    if text not in known:
        raise _UnreadableError(f"'{name}' is '{text}', which is none of {', '.join(known)}.")
    return text


def _points(name: str, text: str | None) -> dict[str, int]:
    """Return points by name from a text such as ``fit:60.0000 engagement:0.0025``.

    >>> _points("scores", "fit:60.0000 engagement:-0.0025")
    {'fit': 600000, 'engagement': -25}
    """
    found: dict[str, int] = {}
    for part in (text or "").split():
        one, colon, points = part.rpartition(":")
        if not colon or not _POINTS.fullmatch(points):
            raise _UnreadableError(f"'{name}' is '{text}', which is no list of points.")
        found[one] = int(Decimal(points) * POINT)
    return found
