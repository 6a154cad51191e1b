"""Files that commands write: refused before the work begins when they cannot be, and never left half-written."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from leadline.engine.problems import Problem, ProblemsError


def check_target(path: str | None, *, option: str, inputs: Iterable[str | Path | None] = ()) -> None:
    """Refuse a file that cannot be written, or that is one of the inputs.

    Raises:
        ProblemsError: with the reason.
    """
    if path is None:
        return
    target = Path(path)
    message = ""
    if not target.parent.is_dir():
        message = f"There is no folder '{target.parent}'."
    elif target.is_dir():
        message = "It is a folder; name a file in it."
    elif target.resolve() in {Path(str(one).partition("#")[0]).resolve() for one in inputs if one is not None}:
        message = "It is an input of this run and would be overwritten; name another file."
    if message:
        raise ProblemsError([Problem(code="bad-value", message=message, where=option, file=path)])


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a file beside *path* to write to, which takes its place when all has gone well, and vanishes otherwise."""
    target = Path(path)
    partial = target.with_name(f".{target.name}.part")
    try:
        yield partial
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
