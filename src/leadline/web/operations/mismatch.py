"""One thing that is stored otherwise than it follows from the log."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """What is stored, and what should be.

    what:    which kind of row: ``assessment``, ``spell``, ``stage move``, ``lead``, ``company``, ``event`` …
    column:  which column of it, after what tells the row from others of its kind.
    lead_id: None where it is about a company. version: of the playbook, where it matters.
    """

    lead_id: int | None
    what: str
    column: str
    stored: object
    expected: object
    version: int | None = None

    def __str__(self) -> str:
        where = f"lead {self.lead_id}" if self.lead_id is not None else "a company"
        by = f" (version {self.version})" if self.version is not None else ""
        return f"{where}: {self.what} {self.column}{by}: stored {_shown(self.stored)}, follows {_shown(self.expected)}"

    def to_dict(self) -> dict[str, Any]:
        """Return it as values that JSON knows."""
        return {
            "lead": self.lead_id,
            "what": self.what,
            "column": self.column,
            "version": self.version,
            "stored": _shown(self.stored),
            "follows": _shown(self.expected),
        }


def _shown(value: object) -> str:
    text = value if isinstance(value, str) and value else "nothing" if value in (None, "", {}, []) else str(value)
    return text if len(text) <= 300 else text[:299] + "…"
