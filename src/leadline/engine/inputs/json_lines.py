"""JSON Lines: one object a line, each key of the objects a column of text.

A text is taken as it is, a number or boolean as its JSON text (so ``1.50`` stays ``1.50`` and a long id keeps all its
digits), an array or object as JSON without spaces; null is missing. Of a key that stands twice in one object the last
counts. Lines are read in Python, because DuckDB's reader rewrites numbers and takes text that is no JSON: about a
minute for a gigabyte, where Parquet takes a second.
"""

import csv
import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from leadline.engine.inputs.loading import make_table, make_view, select_csv
from leadline.engine.inputs.rejects import Rejects
from leadline.engine.inputs.source import (
    MOST_COLUMNS,
    SourceColumn,
    SourceTable,
    TableName,
    check_columns,
    choose_row_column,
    quote_name,
)
from leadline.engine.inputs.text_files import LONGEST_LINE_BYTES, read_chunks, refuse

if TYPE_CHECKING:
    import duckdb


class _Number(str):
    """A number as its text in the file."""

    __slots__ = ()


class _NotFiniteError(ValueError):
    """NaN or infinity, which JSON does not have."""


def _refuse_constant(name: str) -> NoReturn:
    raise _NotFiniteError(name)


class _NulError(ValueError):
    """The character NUL, which JSON can write and no text has."""


_TEXTS = frozenset({str, _Number})
_DECODER = json.JSONDecoder(parse_int=_Number, parse_float=_Number, parse_constant=_refuse_constant)


def read_json_lines(
    connection: "duckdb.DuckDBPyConnection", kind: TableName, path: str, rejects: Rejects
) -> SourceTable:
    """Read a file of JSON Lines into the table ``source_<kind>_rows`` and the view ``source_<kind>``.

    Raises:
        ProblemsError: the file cannot be used.
    """
    before = rejects.count(kind)
    rows = f"source_{kind}_rows"
    with tempfile.TemporaryDirectory(prefix="leadline-") as folder:
        segments = _Segments(Path(folder), path)
        for batch in _read_objects(path, kind, rejects):
            segments.write(batch)
        refused = rejects.count(kind) - before
        if refused and not segments.names:
            message = f"Not one of its {refused:,} lines is a JSON object. JSON Lines has one object in each line."
            raise refuse("unreadable-table", message, path)
        names = list(segments.names)
        check_columns(kind, names, path)
        row_column = choose_row_column(names)
        make_table(connection, rows, segments.select(row_column))
    make_view(connection, kind, names, quote_name(row_column), rows)
    return SourceTable(
        kind=kind,
        relation=f"source_{kind}",
        columns=tuple(SourceColumn(name, "text", "VARCHAR") for name in names),
        row_column=row_column,
        path=path,
        refused_rows=refused,
        connection=connection,
    )


def _read_objects(path: str, kind: TableName, rejects: Rejects) -> Iterator[list[tuple[int, dict[str, str | None]]]]:
    """Yield batches of objects with their lines, all values as text; refuse the lines that are none."""
    number = 0
    for chunk in read_chunks(path):
        batch = []
        lines = chunk.decode("utf-8").split("\n")
        if not lines[-1]:
            lines.pop()
        for line in lines:
            number += 1
            if not line or line.isspace():
                continue
            try:
                batch.append((number, _read_object(line)))
            except _NotFiniteError as error:
                rejects.add(kind, "not-finite-json", row=number, found=str(error))
            except _NulError:
                rejects.add(kind, "nul-character", row=number, found=line)
            except (ValueError, RecursionError):
                rejects.add(kind, "unreadable-json", row=number, found=line)
        yield batch


def _read_object(line: str) -> dict[str, str | None]:
    """Return one line as names and texts.

    Raises:
        ValueError: the line is no JSON object, or no text that can be stored.
        RecursionError: it is nested too deeply.
    """
    parsed = _DECODER.decode(line)
    if type(parsed) is not dict:
        raise ValueError("not an object")
    for name, value in parsed.items():
        if value is not None and type(value) not in _TEXTS:
            parsed[name] = _json_text(value)
    if "\\u" in line:
        _refuse_unstorable(parsed)
    return parsed


def _json_text(value: Any) -> str:
    """Return a value as JSON, numbers as they were written."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case _Number():
            return str(value)
        case str():
            return json.dumps(value, ensure_ascii=False)
        case list():
            return f"[{','.join(map(_json_text, value))}]"
        case _:
            pairs = (f"{json.dumps(name, ensure_ascii=False)}:{_json_text(each)}" for name, each in value.items())
            return f"{{{','.join(pairs)}}}"


def _refuse_unstorable(texts: Mapping[str, str | None]) -> None:
    """Refuse half a surrogate pair and NUL, which JSON can write and a database cannot keep."""
    for text in (*texts, *texts.values()):
        if text is not None:
            text.encode("utf-8")
            if "\0" in text:
                raise _NulError("NUL")


class _Segments:
    """CSV files of rows; whenever a new key appears, a new file with one more column begins."""

    def __init__(self, folder: Path, path: str) -> None:
        self._folder = folder
        self._path = path
        self._files: list[tuple[Path, int]] = []
        self.names: dict[str, None] = {}

    def write(self, batch: list[tuple[int, dict[str, str | None]]]) -> None:
        """Append rows."""
        known = len(self.names)
        for _, texts in batch:
            if not texts.keys() <= self.names.keys():
                self.names.update(dict.fromkeys(texts))
                if len(self.names) > MOST_COLUMNS:
                    message = f"The objects have more than {MOST_COLUMNS:,} different keys; that is no table."
                    raise refuse("too-large", message, self._path)
        if len(self.names) > known or not self._files:
            self._files.append((self._folder / f"{len(self._files)}.csv", len(self.names)))
        names = list(self.names)
        with self._files[-1][0].open("a", encoding="utf-8", newline="") as file:
            if file.tell() == 0:
                file.write("header\r\n")
            csv.writer(file).writerows([number, *map(texts.get, names)] for number, texts in batch)

    def select(self, row_column: str) -> str:
        """Return a query for all rows, with *row_column* last."""
        return " UNION ALL ".join(self._select_file(file, width, row_column) for file, width in self._files)

    def _select_file(self, file: Path, width: int, row_column: str) -> str:
        columns = [f"column_{position}" for position in range(width + 1)]
        cells = [*columns[1:], *["CAST(NULL AS VARCHAR)"] * (len(self.names) - width)]
        named = [f"{cell} AS {quote_name(name)}" for cell, name in zip(cells, self.names, strict=True)]
        number = f"CAST(column_0 AS BIGINT) AS {quote_name(row_column)}"
        rows = select_csv(str(file), columns, is_packed=False, longest_line=2 * LONGEST_LINE_BYTES)
        return f"SELECT {', '.join([*named, number])} FROM ({rows})"
