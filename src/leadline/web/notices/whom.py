"""Who is told of what became different about a hand-off. Nobody is told of what they did themselves."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from leadline.web.accounts.models import Membership
from leadline.web.accounts.roles import WORKERS, Role
from leadline.web.handoff.changes import HandOffChange
from leadline.web.handoff.escalation import SECOND
from leadline.web.handoff.models import HandOff, Step, TeamSeat
from leadline.web.notices.models import Kind, Notice

REFUSALS = (
    HandOff.State.REJECTED,
    HandOff.State.RECYCLED,
    HandOff.State.DISQUALIFIED,
    HandOff.State.EXCLUDED,
    HandOff.State.BAD_DATA,
)
_S = Step.Kind


@dataclass(frozen=True, slots=True)
class Told:
    """That people are told something. said: more about it, without names."""

    kind: Kind
    users: frozenset[int]
    said: dict[str, Any] = field(default_factory=dict)


class People:
    """Who is who in a workspace, read when it is first asked for."""

    def __init__(self, workspace_id: int) -> None:
        self.workspace_id = workspace_id
        self._roles: dict[int, str] | None = None
        self._teams: dict[int, frozenset[int]] = {}

    @property
    def roles(self) -> dict[int, str]:
        """The role of each member who can sign in."""
        if self._roles is None:
            members = Membership.objects.filter(workspace=self.workspace_id, user__is_active=True)
            self._roles = dict(members.values_list("user_id", "role"))
        return self._roles

    def with_role(self, role: Role) -> frozenset[int]:
        """Return who has a role."""
        return frozenset(user for user, own in self.roles.items() if own == role)

    def leaders(self) -> frozenset[int]:
        """Return the managers; where there are none, the administrators."""
        return self.with_role(Role.MANAGER) or self.with_role(Role.ADMIN)

    def of_team(self, team_id: int | None) -> frozenset[int]:
        """Return who works in a team; of none, who leads: somebody has to see what nobody would."""
        if team_id is None:
            return self.leaders()
        if team_id not in self._teams:
            places = TeamSeat.objects.filter(workspace=self.workspace_id, team=team_id)
            found = places.values_list("seat__user_id", flat=True)
            self._teams[team_id] = frozenset(one for one in found if self.roles.get(one) in WORKERS)
        return self._teams[team_id] or self.leaders()

    def only(self, users: Iterable[int | None], *, without: int | None) -> frozenset[int]:
        """Return those of some people who are members and can sign in, without one."""
        return frozenset(one for one in users if one is not None and one in self.roles and one != without)


def who_is_told(change: HandOffChange, handoff: HandOff, step: Step, people: People) -> Iterator[Told]:
    """Yield who is told what of a change.

    Args:
        change: what became different.
        handoff: as it is now.
        step: that the change speaks of.
        people: of the workspace.
    """
    if change.is_undone:
        yield from _undone(change, people)
        return
    owner, before = handoff.owner_id, _person(step.before.get("owner_id"))
    match change.kind:
        case _S.OPENED | _S.REOPENED | _S.RELEASED:
            yield from _news(change, handoff, people)
        case _S.ROUTED:
            yield from _news(change, handoff, people)
            yield Told(
                Kind.MOVED,
                people.only({before} - {owner}, without=change.by_id),
                {"what": str(step.said.get("why", "late"))},
            )
        case _S.ASSIGNED:
            yield from _news(change, handoff, people)
            yield Told(Kind.MOVED, people.only({before} - {owner}, without=change.by_id), {"what": "given"})
        case _S.CLAIMED:
            yield Told(Kind.MOVED, people.only({before} - {owner}, without=change.by_id), {"what": "taken"})
        case _S.WARNED:
            yield Told(Kind.WARNED, _those_of(handoff, people))
        case _S.BREACHED:
            yield Told(Kind.LATE, _those_of(handoff, people))
        case _S.ESCALATED if step.said.get("level") == SECOND["level"]:
            yield Told(Kind.ESCALATED, people.with_role(Role.ADMIN), dict(SECOND))
        case _S.ESCALATED:
            yield Told(Kind.ESCALATED, people.leaders() - _those_of(handoff, people))
        case _S.COOLED if step.said.get("while") == "claimed":
            yield Told(Kind.COOLED, people.only({owner}, without=change.by_id))
        case _S.WITHDRAWN if "version" in step.said:
            said = {name: value for name, value in step.said.items() if name in ("version", "while")}
            yield Told(Kind.WITHDRAWN, _those_of(handoff, people), said)
        case _S.DECIDED:
            said = {"decision": change.decision, "reason": str(step.said.get("reason", ""))}
            yield Told(Kind.MOVED, people.only({before}, without=change.by_id), {"what": "decided", **said})
            if change.decision in REFUSALS:
                marketers = people.with_role(Role.MARKETER) or people.with_role(Role.ADMIN)
                yield Told(Kind.SENT_BACK, people.only(marketers, without=change.by_id), said)


def _news(change: HandOffChange, handoff: HandOff, people: People) -> Iterator[Told]:
    """Say that it waits: for its owner, or for a team."""
    if handoff.owner_id is None:
        yield Told(Kind.TEAM, people.only(people.of_team(handoff.team_id), without=change.by_id))
        return
    is_again = handoff.number > 1 and change.kind in (_S.OPENED, _S.REOPENED)
    kind = Kind.AGAIN if is_again else Kind.YOURS
    yield Told(kind, people.only({handoff.owner_id}, without=change.by_id))


def _those_of(handoff: HandOff, people: People) -> frozenset[int]:
    """Return the owner of a hand-off, or the team that it waits for."""
    if handoff.owner_id is None:
        return people.only(people.of_team(handoff.team_id), without=None)
    return people.only({handoff.owner_id}, without=None)


def _undone(change: HandOffChange, people: People) -> Iterator[Told]:
    """Whoever was told of a step is told that it was taken back."""
    told = Notice.objects.filter(step=change.step_id).exclude(kind=Kind.UNDONE).values_list("user_id", flat=True)
    yield Told(Kind.UNDONE, people.only(told, without=change.by_id), {"what": change.kind})


def _person(found: Any) -> int | None:
    return found if isinstance(found, int) else None
