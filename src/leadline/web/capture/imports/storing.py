"""Where the files of imports lie: in the uploads folder, under names that nobody outside chose.

Beside an upload ``<name>`` lie ``<name>.rows`` (its rows, read once; see `kept_rows`) and ``<name>.seen`` (what a check has met). All but
the upload can be made again. When an import is done, they are all removed: what the file said is in the log by then.
"""

import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

MOST_BYTES = 1_000_000_000
"""The largest file that can be imported: ``settings.IMPORT_MOST_BYTES`` sets it otherwise."""


def most_bytes() -> int:
    """Return how large an upload may be."""
    return int(getattr(settings, "IMPORT_MOST_BYTES", MOST_BYTES))


def store_upload(chunks: Iterable[bytes]) -> str:
    """Write an upload to the disk, piece by piece, and return its name there. A half-written file is never seen under that name."""
    folder = _folder()
    name = f"{secrets.token_hex(16)}.upload"
    half = folder / f"{name}.half"
    try:
        with half.open("xb") as file:
            for chunk in chunks:
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        half.replace(folder / name)
    except BaseException:
        half.unlink(missing_ok=True)
        raise
    return name


def upload_path(stored_as: str) -> Path:
    """Return where an upload lies."""
    return _folder() / Path(stored_as).name


def rows_path(stored_as: str) -> Path:
    """Return where its rows lie once they were read."""
    return _folder() / f"{Path(stored_as).name}.rows"


def seen_path(stored_as: str) -> Path:
    """Return where a check keeps what it has met."""
    return _folder() / f"{Path(stored_as).name}.seen"


def remove_rows(stored_as: str) -> None:
    """Forget the rows that were read, since the file is to be read otherwise."""
    for path in _folder().glob(f"{Path(stored_as).name}.*"):
        path.unlink(missing_ok=True)


def remove_upload(stored_as: str) -> None:
    """Remove an upload with all that lies beside it."""
    remove_rows(stored_as)
    upload_path(stored_as).unlink(missing_ok=True)


def _folder() -> Path:
    folder = Path(settings.UPLOADS)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
