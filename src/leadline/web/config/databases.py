"""Which database: SQLite in the data folder, or what ``DATABASE_URL`` names. Both commit durably before they answer."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from leadline.web.config.environment import SettingError, read

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; PRAGMA temp_store = MEMORY; "
    "PRAGMA mmap_size = 2147418112; PRAGMA cache_size = -16384"
)
"""Pages are read where the system keeps them, up to 2 GB of the file: all processes share them, and none is copied. What a
connection keeps of its own (KiB) is what was written lately and is not in the file yet."""
_LONGEST_S = 600
"""A connection to SQLite is opened anew after so many seconds: it learns how large tables are when it begins (operations/statistics.py)."""
POSTGRESQL_SETTINGS = "-c jit=off"
"""Compiling a query takes longer than any of ours runs; its price is guessed from how many rows there may be, not from how many."""


class DatabaseUrlError(SettingError):
    """``DATABASE_URL`` names no database that Leadline can use."""


def read_database(folder: Path) -> dict[str, Any]:
    """Return Django's settings of the database.

    ``LEADLINE_SQLITE_SYNCHRONOUS=NORMAL`` trades durability at a power cut for speed; /health says so.

    Raises:
        DatabaseUrlError: the address is of another kind, or cannot be read.
    """
    address = read("DATABASE_URL")
    if not address:
        return _sqlite(folder / "leadline.sqlite3")
    parts = urlsplit(address)
    if parts.scheme == "sqlite":
        return _sqlite(Path(unquote(parts.path)))
    if parts.scheme not in ("postgres", "postgresql"):
        raise DatabaseUrlError(
            f"DATABASE_URL begins with {parts.scheme or address[:12]!r}; it should look like postgresql://user@host/name, "
            "or be left out for SQLite"
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"options": POSTGRESQL_SETTINGS} | dict(parse_qsl(parts.query)),
    }


def _sqlite(path: Path) -> dict[str, Any]:
    synchronous = "NORMAL" if read("LEADLINE_SQLITE_SYNCHRONOUS").upper() == "NORMAL" else "FULL"
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "CONN_MAX_AGE": _LONGEST_S,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": SQLITE_PRAGMAS.format(synchronous=synchronous),
        },
    }
