"""The file of a daily roll-up: ``(lead_id, signal, day, n)`` as Parquet, sorted by lead, with what it covers in its metadata.

A roll-up answers "how often did this lead give this signal on this local day". Points, decay, limits, windows and thresholds
are no part of it, so they change without reading an event again.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadline.engine.catalog import FieldSpec, FieldType
from leadline.engine.inputs.source import quote_text
from leadline.engine.problems import Problem, ProblemsError

if TYPE_CHECKING:
    import duckdb

FORMAT = 1


@dataclass(kw_only=True)
class RollupHead:
    """What a roll-up says of itself.

    zone:       the zone of its days. signals: what each key stands for, in words. events: the names that occurred, and
                properties with their types. days: for each day a fingerprint of the events that it was counted from.
    """

    zone: str
    signals: dict[int, str]
    events: list[str]
    properties: dict[str, FieldType | None]
    days: dict[int, str]
    maker: str
    format: int = field(default=FORMAT)

    def event_specs(self) -> Mapping[str, Mapping[str, FieldSpec]]:
        """Return the events and their properties, as a catalog has them."""
        specs = {name: FieldSpec(kind) for name, kind in self.properties.items()}
        return dict.fromkeys(self.events, specs)


@dataclass(frozen=True, kw_only=True)
class Rollup:
    """A roll-up that an engine can read.

    relation: ``(lead_id, signal, day, n)`` in the engine. has_integers: whether its lead ids are whole numbers.
    """

    path: str
    relation: str
    has_integers: bool
    head: RollupHead


def read_head(connection: "duckdb.DuckDBPyConnection", path: str | Path) -> RollupHead:
    """Return what the roll-up in a file says of itself.

    Raises:
        ProblemsError: it is no roll-up.
    """
    import duckdb

    try:
        rows = connection.execute(
            f"SELECT decode(value) FROM parquet_kv_metadata({quote_text(str(path))}) WHERE decode(key) = 'leadline'"
        ).fetchall()
    except duckdb.Error as error:
        raise _no_rollup(path, f"it cannot be read: {str(error).splitlines()[0]}") from error
    if not rows:
        raise _no_rollup(path, "it was not written by `leadline rollup`")
    raw: dict[str, Any] = json.loads(rows[0][0])
    if raw.get("format") != FORMAT:
        raise _no_rollup(path, f"it has format {raw.get('format')}, this version reads {FORMAT}: build it anew")
    for key in ("signals", "days"):
        raw[key] = {int(number): text for number, text in raw[key].items()}
    return RollupHead(**raw)


def write_rollup(connection: "duckdb.DuckDBPyConnection", query: str, head: RollupHead, path: Path) -> None:
    """Write the rows of *query* as a roll-up; the file appears only when it is complete."""
    import duckdb

    partial = path.with_name(f".{path.name}.part")
    said = quote_text(json.dumps(asdict(head), ensure_ascii=False, separators=(",", ":")))
    try:
        connection.execute(
            f"COPY (SELECT lead_id, signal, CAST(day AS INTEGER) AS day, CAST(n AS INTEGER) AS n FROM ({query}) AS counted"
            f" ORDER BY lead_id, day, signal) TO {quote_text(str(partial))}"
            f" (FORMAT parquet, COMPRESSION zstd, KV_METADATA {{leadline: {said}}})"
        )
        partial.replace(path)
    except (OSError, duckdb.IOException) as error:
        partial.unlink(missing_ok=True)
        message = f"The file cannot be written: {str(error).splitlines()[0]}"
        raise ProblemsError([Problem(code="unreadable-file", message=message, file=str(path))]) from error
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def _no_rollup(path: str | Path, why: str) -> ProblemsError:
    return ProblemsError([Problem(code="roll-up", message=f"This is no roll-up: {why}.", file=str(path))])
