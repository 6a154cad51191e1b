"""Working time between very many pairs of moments, to the second."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from leadline.engine.business_time import WorkTime

_SECOND_US = 1_000_000
_WEEK = 7 * 86_400
_MOST_WEEKS = 1_000


class Worked:
    """How much has been worked until a moment, since one that is the same for all questions: so two answers give what is between.

    It is a line that rises by one second a second where people work, and is level elsewhere. Kept are its corners, of each week in which
    somebody asked for a moment.
    """

    def __init__(self, work: WorkTime) -> None:
        self._work = work
        self._first: int | None = None
        self._weeks: dict[int, dict[int, int]] = {}

    def until(self, moments: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how many seconds have been worked until each of some moments, in whole seconds since 1970. NaN, which is none, stays.

        Formula: the line between the corners around a moment. Its slope is 0 or 1, so floats of whole seconds stay exact.
        """
        corners: dict[int, int] = {}
        for week in np.unique(moments[~np.isnan(moments)] // _WEEK):  # in order, as corners have to be
            corners |= self._corners_of(int(week))
        if not corners:
            return moments
        return np.interp(moments, list(corners), list(corners.values()))

    def _corners_of(self, week: int) -> dict[int, int]:
        """Return the moments of a week at which work begins or ends, and those at its ends, with what was worked until then."""
        found = self._weeks.get(week)
        if found is None:
            if len(self._weeks) >= _MOST_WEEKS:
                self._weeks.clear()
            found = self._weeks[week] = self._look(week)
        return found

    def _look(self, week: int) -> dict[int, int]:
        if self._first is None:
            self._first = week
        begins, ends = week * _WEEK, (week + 1) * _WEEK
        worked = self._work.working_seconds_between(self._first * _WEEK * _SECOND_US, begins * _SECOND_US)
        corners = {begins: worked}
        for begin, end in self._work.stretches_between(begins * _SECOND_US, ends * _SECOND_US):
            corners[begin // _SECOND_US] = worked
            worked += (end - begin) // _SECOND_US
            corners[end // _SECOND_US] = worked
        corners[ends] = worked
        return corners


@lru_cache(maxsize=64)
def worked_until(work: WorkTime) -> Worked:
    """Return what answers for a working time. Calendars that say the same share it."""
    return Worked(work)
