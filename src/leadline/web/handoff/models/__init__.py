"""Tables of the hand-off: what waits for sales and what became of it, who works it, and when they work."""

from leadline.web.handoff.models.handoffs import HandOff, Step
from leadline.web.handoff.models.people import Absence, Seat, Team, TeamSeat
from leadline.web.handoff.models.promises import Promise
from leadline.web.handoff.models.times import DayOff, WorkCalendar

__all__ = ["Absence", "DayOff", "HandOff", "Promise", "Seat", "Step", "Team", "TeamSeat", "WorkCalendar"]
