"""Opens the engine that a run names: the list of engines is here and nowhere else."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from leadline.engine.backends.engine import Engine, Source
from leadline.engine.backends.rollup_file import Rollup
from leadline.engine.compiler.sql import Query
from leadline.engine.inputs.rejects import Rejects
from leadline.engine.inputs.source import TableName
from leadline.engine.problems import Problem, ProblemsError

if TYPE_CHECKING:
    import duckdb


ENGINES = ("duckdb", "postgresql://user@host/database", "spark")
"""What a run may name, as people write it."""


class Backend(Engine, Protocol):
    """An engine that reads inputs and gives results."""

    def read(self, paths: Mapping[TableName, str], rejects: Rejects) -> dict[TableName, Source]:
        """Return the inputs of a run as sources."""

    def read_rollup(self, path: str) -> Rollup:
        """Return the roll-up in a file, once the engine can read it."""

    def hand_over(self, query: Query) -> "tuple[duckdb.DuckDBPyConnection, str]":
        """Return a DuckDB connection and the query that gives the result of *query* there."""

    def close(self) -> None:
        """Release what the run used."""


def open_backend(name: str, *, memory: str | None = None) -> Backend:
    """Return the engine of this name, opened: ``duckdb``, ``postgresql://…`` or ``spark``.

    Raises:
        ProblemsError: there is no such engine, or it cannot be reached.
    """
    if name == "duckdb":
        from leadline.engine.backends.duckdb import DuckDBEngine

        return DuckDBEngine(memory=memory)
    if name.startswith(("postgresql://", "postgres://")):
        from leadline.engine.backends.postgres import PostgresEngine

        return PostgresEngine(name, memory=memory)
    if name == "spark":
        from leadline.engine.backends.spark import SparkEngine

        return SparkEngine(memory=memory)
    message = f"There is no engine '{name}'. There is: {', '.join(ENGINES)}."
    raise ProblemsError([Problem(code="bad-value", message=message, where="--backend")])
