"""Conditions for queries of Django: a lead, or its assessment, holds a condition; a lead is one of very many."""

import json
import re
from typing import Any

from django.db.models import BooleanField, Expression, F
from django.db.models.sql.compiler import SQLCompiler

from leadline.web.pages.conditions.sql import Sql

_ALIAS = re.compile(r"\ba\.(?=[a-z_]+)")


class _OfLead(Expression):
    """A condition about the lead that a column names."""

    conditional = True

    def __init__(self, key: str) -> None:
        super().__init__(output_field=BooleanField())
        self.lead: Any = F(key)

    def get_source_expressions(self) -> list[Any]:
        return [self.lead]

    def set_source_expressions(self, exprs: Any) -> None:
        (self.lead,) = exprs


class Holds(_OfLead):
    """Whether the lead is among those that a query of ``a.lead_id`` finds; asked lead by lead, so *sql* must be quick for one."""

    def __init__(self, key: str, sql: Sql) -> None:
        super().__init__(key)
        self.sql = sql

    def as_sql(self, compiler: SQLCompiler, connection: Any, **_more: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        column, params = compiler.compile(self.lead)
        return f"EXISTS ({self.sql.text} AND a.lead_id = {column})", [*self.sql.params, *params]


class HoldsItself(_OfLead):
    """Whether a row of assessments holds a condition that is written for the alias ``a``."""

    def __init__(self, key: str, condition: Sql) -> None:
        super().__init__(key)
        self.condition = condition

    def as_sql(self, compiler: SQLCompiler, connection: Any, **_more: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        column, _ = compiler.compile(self.lead)
        table = column.rpartition(".")[0]
        return _ALIAS.sub(f"{table}.", self.condition.text), list(self.condition.params)


class AmongIds(_OfLead):
    """Whether the lead is one of very many: they are one parameter, since databases take a limited number."""

    def __init__(self, key: str, ids: list[int]) -> None:
        super().__init__(key)
        self.ids = ids

    def as_sql(self, compiler: SQLCompiler, connection: Any, **_more: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        column, params = compiler.compile(self.lead)
        if connection.vendor == "postgresql":
            return f"{column} = ANY(%s)", [*params, self.ids]
        return f"{column} IN (SELECT value FROM json_each(%s))", [*params, json.dumps(self.ids)]
