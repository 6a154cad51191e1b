"""Several requests share a commit: nobody returns before theirs has been made, and one's fault is not another's."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock

import pytest

from leadline.web.capture.tracking.commits import SharedCommit

PEOPLE = 8


class Store:
    """Writes slowly the first time, so that others come meanwhile."""

    def __init__(self):
        self.transactions = []
        self.first_is_writing = Event()
        self.go_on = Event()
        self.bad = set()
        self._alone = Lock()

    def write(self, works):
        assert self._alone.acquire(blocking=False), "two transactions at once"
        try:
            if not self.transactions:
                self.transactions.append([])
                self.first_is_writing.set()
                assert self.go_on.wait(20)
                self.transactions.pop()
            if bad := self.bad & set(works):
                raise ValueError(f"cannot write {sorted(bad)}")
            self.transactions.append(list(works))
        finally:
            self._alone.release()


def commit_together(store):
    """Let one begin to write, then all others come, then let it end; return what became of each."""
    shared = SharedCommit(store.write)

    def commit(work):
        try:
            shared.commit(work)
        except ValueError as error:
            return str(error)
        return any(work in together for together in store.transactions)

    with ThreadPoolExecutor(PEOPLE) as people:
        first = people.submit(commit, 0)
        assert store.first_is_writing.wait(20)
        others = [people.submit(commit, work) for work in range(1, PEOPLE)]
        while len(shared._waiting) < PEOPLE - 1:
            pass
        store.go_on.set()
        return [one.result(20) for one in (first, *others)]


def test_who_comes_while_another_writes_is_written_with_all_who_wait():
    store = Store()

    assert commit_together(store) == [True] * PEOPLE
    assert [sorted(together) for together in store.transactions] == [[0], list(range(1, PEOPLE))]


def test_what_cannot_be_written_fails_alone():
    store = Store()
    store.bad = {3, 5}

    assert commit_together(store) == [True, True, True, "cannot write [3]", True, "cannot write [5]", True, True]
    assert sorted(work for together in store.transactions for work in together) == [0, 1, 2, 4, 6, 7]


def test_who_comes_alone_is_written_at_once():
    written = []
    shared = SharedCommit(written.append)

    shared.commit("a")
    shared.commit("b")

    assert written == [["a"], ["b"]]


def test_a_fault_is_told_to_who_caused_it():
    def write(_):
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        SharedCommit(write).commit("a")
