"""Two texts of the playbook side by side, and leads as each of them sees them.

Most edits change what points are given and not what is read: then one log of each lead serves both texts. Reading is most of the work.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from leadline.engine.calendar import instant_of
from leadline.engine.compiler.plan import make_plan
from leadline.engine.playbook.check import bind_playbook
from leadline.engine.problems import ProblemsError
from leadline.engine.reference.log import LeadLog
from leadline.web.assessments.logs import read_logs_of
from leadline.web.assessments.whatif.seen import Seen, see_leads
from leadline.web.playbooks.queries import Compiled


@dataclass(frozen=True, slots=True)
class Pair:
    """One lead, as it is by the one text and by the other."""

    before: Seen
    after: Seen

    @property
    def moves(self) -> bool:
        """Whether a qualification, the grade or the stage differs."""
        return self.stage_moves or self.grade_moves or self.qualification_moves

    @property
    def qualification_moves(self) -> bool:
        """Whether it has other qualifications."""
        return set(self.before.qualifications) != set(self.after.qualifications)

    @property
    def grade_moves(self) -> bool:
        """Whether it has another grade."""
        return self.before.grade != self.after.grade

    @property
    def stage_moves(self) -> bool:
        """Whether it is in another stage."""
        return self.before.stage != self.after.stage


class Sides:
    """Two texts at one moment."""

    def __init__(self, before: Compiled, after: Compiled, now: datetime) -> None:
        self.before, self.after, self.now = before, after, now

    @cached_property
    def is_read_alike(self) -> bool:
        """Whether both texts read the same of every log."""
        return _reads(self.before) == _reads(self.after)

    @cached_property
    def has_other_levels(self) -> bool:
        """Whether the new text has other qualifications than the old one."""
        return self.before.playbook.qualifications != self.after.playbook.qualifications

    @cached_property
    def mixed(self) -> Compiled | None:
        """The new text with the qualifications of the old one; None where that cannot be."""
        return _mix(self.before, self.after)

    def pairs(self, lead_ids: Sequence[int]) -> list[Pair]:
        """Return some leads by both texts, in the order of their ids. Who went meanwhile is left out."""
        logs = read_logs_of(self.before, lead_ids)
        before = self._see(self.before, logs)
        after = self._see(self.after, logs if self.is_read_alike else read_logs_of(self.after, lead_ids))
        return [Pair(before[pk], after[pk]) for pk in sorted(before.keys() & after.keys())]

    def see_mixed(self, lead_ids: Sequence[int]) -> dict[int, Seen]:
        """Return what the new text would say of some leads if it had the qualifications of the old one; nobody where that cannot be."""
        if not lead_ids or self.mixed is None:
            return {}
        return self._see(self.mixed, read_logs_of(self.mixed, lead_ids))

    def _see(self, compiled: Compiled, logs: Sequence[LeadLog]) -> dict[int, Seen]:
        return see_leads(compiled, logs, compiled.zone.moment(instant_of(self.now)))


def _reads(compiled: Compiled) -> tuple[object, ...]:
    """Return all that decides how a text reads a log: zone, declared and used types, which properties of which events."""
    playbook, plan = compiled.playbook, compiled.plan
    properties = [
        (one, tuple(sorted(set(events))), compiled.bound.spec_of(one, events)) for one, events in plan.event_properties
    ]
    return (
        playbook.timezone,
        dict(playbook.lead_fields),
        dict(playbook.company_fields),
        {name: dict(spec.properties) for name, spec in playbook.events.items()},
        dict(compiled.bound.kinds),
        sorted(properties, key=str),
    )


def _mix(before: Compiled, after: Compiled) -> Compiled | None:
    """Return the new text with the qualifications of the old one: who moves by it too, moves because of points and not of conditions."""
    kept = {level.id for level in before.playbook.qualifications}
    stages = tuple(one for one in after.playbook.stages if one.while_ is None or one.while_ in kept)
    try:
        bound, _ = bind_playbook(
            replace(after.playbook, qualifications=before.playbook.qualifications, stages=stages, handoff=None)
        )
        plan = make_plan(bound)
    except ProblemsError:
        return None
    return Compiled(bound.playbook, bound, plan, after.zone, plan.hash)


def pairs_in_parts(sides: Sides, lead_ids: Sequence[int], size: int) -> Iterator[list[Pair]]:
    """Yield leads by both texts, so many at a time."""
    for start in range(0, len(lead_ids), size):
        yield sides.pairs(lead_ids[start : start + size])
