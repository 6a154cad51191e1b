"""Does something in a process that ends with it, so that the one that stays has nothing of the memory that it takes.

`leadline up` and `leadline demo` stay for as long as the app runs, and do no more than look after it; what comes before takes Django and
the engine. Guarded by tests/web/operations/test_apart.py.
"""

import os
import platform
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from leadline.engine.problems import Problem, ProblemsError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Given = ParamSpec("Given")
Result = TypeVar("Result")


def do_apart(what: Callable[Given, Result], *given: Given.args, **named: Given.kwargs) -> Result:
    """Do *what* in a process of its own, and return what it returned, which has to be picklable.

    The process ends when ours does, however that goes. Elsewhere than on Linux forking is not safe, and it is done in ours.

    Raises:
        ProblemsError: *what* raised it, or failed in another way and has said how on stderr.
    """
    if platform.system() != "Linux":
        return what(*given, **named)
    fork = get_context("fork")
    ours, theirs = fork.Pipe()

    def do() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
        ours.close()  # or it would not be told that we are gone
        threading.Thread(target=_end_without, args=(theirs,), daemon=True, name="watches the parent").start()
        try:
            said: tuple[Result | None, list[Problem]] = (what(*given, **named), [])
        except ProblemsError as error:
            said = (None, list(error.problems))
        except KeyboardInterrupt:  # the parent was interrupted too, and says so
            return
        theirs.send(said)

    process = fork.Process(target=do, name="prepares")
    try:
        with _interrupts_later():
            process.start()
        theirs.close()
        said: tuple[Result, list[Problem]] = ours.recv()
        process.join()
    except EOFError:  # it was ended, or failed
        raise ProblemsError([Problem(code="engine-failed", message="It could not be prepared.")]) from None
    finally:
        ours.close()  # which ends it where we were interrupted, also while it started
        if process.pid is not None:
            if process.is_alive():
                process.terminate()
            process.join()
    if said[1]:
        raise ProblemsError(said[1])
    return said[0]


@contextmanager
def _interrupts_later() -> Iterator[None]:
    """Let an interrupt wait for the end of what is done here: one that comes while Python forks is lost otherwise."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_without(pipe: "Connection") -> None:
    """End this process when the other end of the pipe is gone: nobody says anything through it."""
    try:
        pipe.recv()
    except (EOFError, OSError):
        os._exit(1)
