"""One commit for several requests: making it durable takes the disk milliseconds, and costs it the same for one row as for fifty.

Whoever comes while another's commit is under way waits, and the first to go on writes for all who wait by then. Nobody returns
before what they gave has been committed. Measured in docs/decisions/0022. tests/web/capture/tracking/test_commits.py guards it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

Work = TypeVar("Work")


@dataclass(slots=True, eq=False)
class _Waiting(Generic[Work]):
    """What somebody gave, and what became of it."""

    work: Work
    is_done: bool = False
    error: BaseException | None = None


class SharedCommit(Generic[Work]):
    """Writes what several threads give in common transactions.

    write: writes some pieces of work in one transaction, all or nothing.
    """

    def __init__(self, write: Callable[[Sequence[Work]], None]) -> None:
        self._write = write
        self._waiting: list[_Waiting[Work]] = []
        self._list = Lock()
        self._turn = Lock()

    def commit(self, work: Work) -> None:
        """Return when the work has been committed.

        Raises:
            Exception: what writing raised; nothing of this work is in the store then.
        """
        mine = _Waiting(work)
        with self._list:
            self._waiting.append(mine)
        with self._turn:
            if not mine.is_done:
                with self._list:
                    together, self._waiting = self._waiting, []
                self._write_together(together)
        if mine.error is not None:
            raise mine.error

    def _write_together(self, together: Sequence[_Waiting[Work]]) -> None:
        """Write what waits in one transaction. When that fails, each alone, so that one's fault is not another's."""
        try:
            self._write([one.work for one in together])
        except BaseException as error:  # noqa: BLE001 - it is raised where it belongs
            if len(together) > 1:
                for one in together:
                    self._write_together([one])
            else:
                together[0].error = error
        for one in together:
            one.is_done = True
