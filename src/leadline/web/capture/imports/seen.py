"""What was met in a file already, on the disk: a million rows need not fit into memory.

It is a scratch file beside the upload and no part of the database. Whoever goes on after a crash may tell it things again: nothing is
counted twice, because everything is kept with the number of its row.
"""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

_TABLE = "CREATE TABLE IF NOT EXISTS seen (key BLOB, number INTEGER, PRIMARY KEY (key, number)) WITHOUT ROWID"


class Seen:
    """Keys with the rows in which they stand. Use it as a context: it commits at the end."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = OFF")
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.execute(_TABLE)

    def __enter__(self) -> "Seen":
        self._connection.execute("BEGIN")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.execute("COMMIT")
        self._connection.close()

    def note(self, key: bytes, number: int) -> None:
        """Note that a key stands in a row."""
        self._connection.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (key, number))

    def count_before(self, key: bytes, number: int) -> int:
        """Return in how many rows before this one a key stands."""
        found = self._connection.execute("SELECT count(*) FROM seen WHERE key = ? AND number < ?", (key, number))
        return int(found.fetchone()[0])

    def is_before(self, keys: Iterable[bytes], number: int) -> bool:
        """Whether one of the keys stands in a row before this one."""
        wanted = "SELECT 1 FROM seen WHERE key = ? AND number < ? LIMIT 1"
        return any(self._connection.execute(wanted, (key, number)).fetchone() for key in keys)
