"""Numbers of very many rows as the database returns them: Django would make an integer of each once more, in Python."""

from typing import Any

from django.db.models import BigIntegerField, Case, Func


class AsStored:
    """For an expression whose values are integers already."""

    def get_db_converters(self, connection: Any) -> list[Any]:
        """Return nothing."""
        return []


class Which(AsStored, Case):
    """A number by which case of a row is the first that holds."""


class Seconds(AsStored, Func):
    """A moment of a row as whole seconds since 1970: many come out of a database much faster so than as moments."""

    output_field = BigIntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        """Return it for SQLite, which counts days as broken numbers: to some microseconds, hence the millisecond."""
        template = "CAST((julianday(%(expressions)s) - 2440587.5) * 86400 + 0.001 AS INTEGER)"
        return super().as_sql(compiler, connection, template=template, **more)

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        """Return it for PostgreSQL."""
        template = "CAST(FLOOR(EXTRACT(EPOCH FROM %(expressions)s)) AS BIGINT)"
        return super().as_sql(compiler, connection, template=template, **more)
