"""Where an installation keeps what is its own: the SQLite file, the secret key, uploads."""

import os
import secrets
from pathlib import Path

from leadline.web.config.environment import read


def data_folder() -> Path:
    """Return the folder of this installation, made if need be: ``LEADLINE_DATA``, else ``leadline-data`` here."""
    folder = Path(read("LEADLINE_DATA")).absolute()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def secret_key(folder: Path) -> str:
    """Return the secret of this installation: ``LEADLINE_SECRET_KEY``, else that of *folder*, made on first use.

    Two processes may start at once: the file is made whole under another name and linked, so that one of them wins.
    """
    if given := read("LEADLINE_SECRET_KEY"):
        return given
    path = folder / "secret.key"
    if not path.exists():
        made = folder / f"secret.key.{os.getpid()}"
        made.touch(mode=0o600)
        made.write_text(secrets.token_urlsafe(48) + "\n", encoding="ascii")
        try:
            path.hardlink_to(made)
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return path.read_text(encoding="ascii").strip()
