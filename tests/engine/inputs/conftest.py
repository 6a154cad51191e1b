"""A connection and a way to write a file and read it, for the tests of reading."""

import gzip
from pathlib import Path

import duckdb
import pytest

from leadline.engine.inputs import Rejects, read_tables
from leadline.engine.problems import ProblemsError


@pytest.fixture
def connection():
    with duckdb.connect() as connection:
        yield connection


class Reader:
    """Writes files and reads them as one table."""

    def __init__(self, connection, folder: Path) -> None:
        self.connection = connection
        self.folder = folder
        self.rejects = Rejects()

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        data = content.encode("utf-8") if isinstance(content, str) else content
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    def read(self, content: str | bytes, name: str = "leads.csv", kind: str = "leads"):
        """Return the table of a file with this content."""
        self.rejects = Rejects()
        return read_tables(self.connection, {kind: self.write(name, content)}, self.rejects)[kind]

    def rows(self, content: str | bytes, name: str = "leads.csv", kind: str = "leads"):
        """Return the rows of a file with this content, without their numbers."""
        table = self.read(content, name, kind)
        names = ", ".join('"' + column.name.replace('"', '""') + '"' for column in table.columns)
        return self.connection.execute(f"SELECT {names} FROM {table.relation}").fetchall()

    def numbered(self, table):
        """Return id and number of each row."""
        return self.connection.execute(f"SELECT lead_id, {table.row_column} FROM {table.relation}").fetchall()

    def problems(self, content: str | bytes, name: str = "leads.csv", kind: str = "leads"):
        """Return the problems of a file that must be refused."""
        with pytest.raises(ProblemsError) as caught:
            self.read(content, name, kind)
        return caught.value.problems


@pytest.fixture
def files(connection, tmp_path):
    return Reader(connection, tmp_path)
