"""To whom a hand-off goes, and why: a pure function of what is known at its opening, so that each decision can be replayed.

`find_route` says which route of a playbook holds for a lead; `decide` says which team and who in it. Nothing is random, and nothing is
read but `RoutingInputs`, which are stored with the decision (`to_json`) and decided again by `replay`.

In the order in which it is asked:

1. The team: that of the route that holds, where there is such a team; else that of ``otherwise``; else none.
2. Who knows the lead already: whoever had it before, else whoever works others of its company. They get it even with full hands and
   from outside the team, since what they know is worth more than a day's balance; not while they are away or take nothing new, and
   not where the reason of the last decision asks for a new owner.
3. Turns: the first behind who got the last one by turns who takes new ones, is not away and has a hand free.
4. Nobody is free: it waits in the team's queue without an owner.

What comes to somebody who knows the lead takes no turn from them; it fills their hands like any other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from leadline.engine.calendar import AsOf
from leadline.engine.expressions import nodes as n
from leadline.engine.lifecycle.history import history
from leadline.engine.playbook.check import BoundPlaybook
from leadline.engine.playbook.model import Named
from leadline.engine.reference.assess import assess
from leadline.engine.reference.log import LeadLog

How = Literal["sticky", "turn", "queue", "nobody"]
"""Somebody who knows the lead; whose turn it was; the team's queue without an owner; neither team nor owner."""
Why = Literal["gone", "closed", "away", "full", "had-it", "later", "not-asked"]
"""Why somebody did not get it: no longer works hand-offs, takes nothing new, is away, has full hands, had the lead while a new owner is
wanted, comes later in the turns, was not asked since somebody knows the lead."""
Knows = Literal["lead", "company"]
"""What somebody knows already: the lead, or others of its company."""

_FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Somebody who could get it, as of now.

    person:        an id that the caller gives, and *name* what people call them.
    open_handoffs: how many they have open. capacity: how many at most; None: any number.
    is_here:       whether they work hand-offs at all still. is_open: whether new ones come to them.
    away_until:    until when they are out of office, as people read it; None: they are here.
    """

    person: int
    name: str
    open_handoffs: int = 0
    capacity: int | None = None
    is_here: bool = True
    is_open: bool = True
    away_until: str | None = None

    @property
    def is_full(self) -> bool:
        """Whether they have as many open as they work at once."""
        return self.capacity is not None and self.open_handoffs >= self.capacity


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A team that the playbook names for this lead.

    to:       the team's id. is_there: whether there is such a team.
    when:     the condition that holds, as it is written; None for ``otherwise``. place: of the route, from 0; None for ``otherwise``.
    said:     the condition in words; empty: none were kept. stays: whether no route was asked, since it is given on within its team.
    """

    to: str
    is_there: bool = True
    when: str | None = None
    place: int | None = None
    said: str = ""
    stays: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingInputs:
    """All that a hand-off is routed by.

    asked:     the teams that the playbook names for this lead: of the first route that holds, then ``otherwise``.
    turns:     for the first of them that is there, its people in the order of the turns.
    last:      the person who got the last one by turns; None: nobody yet.
    sticky:    who knows the lead or its company, and *knows* which.
    new_owner: the reason of the last decision, where it asks for a new owner; who had the lead then is *before*.
    """

    asked: tuple[Asked, ...] = ()
    turns: tuple[Candidate, ...] = ()
    last: int | None = None
    sticky: Candidate | None = None
    knows: Knows | None = None
    new_owner: str | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """Somebody who did not get it, and why."""

    person: int
    why: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingDecision:
    """Where a hand-off goes.

    team, owner: the team's id and the person; None: none. how: by what.
    passed_over: everybody else who could have got it, in the order in which they were asked.
    """

    team: str | None
    owner: int | None
    how: How
    passed_over: tuple[PassedOver, ...] = ()


def find_route(bound: BoundPlaybook, log: LeadLog, as_of: AsOf) -> int | None:
    """Return the place of the first route of a playbook's ``[handoff]`` that holds for a lead at a moment; None where none does.

    A condition that is unknown, since what it reads is missing, does not hold.
    """
    routes = () if bound.playbook.handoff is None else bound.playbook.handoff.routes
    if not routes:
        return None
    # Routes are asked as personas are: the first that holds. The rest of the playbook is left out, since no route reads it.
    alone = replace(
        bound.playbook,
        personas=tuple(Named(str(place), str(place), route.when) for place, route in enumerate(routes)),
        exclusions=(),
        criteria=(),
        resets=(),
        scores=(),
        grade=(),
        questions=(),
        qualifications=(),
        needs_consent=False,
    )
    ended = _ended_spells(bound, log, as_of)
    found = assess(replace(bound, playbook=alone), log, as_of, ended_spells=ended).persona
    return None if found is None else int(found)


def _ended_spells(bound: BoundPlaybook, log: LeadLog, as_of: AsOf) -> dict[str, int]:
    """Return how many spells had ended, where a route asks; the lead's whole history has to be known for it."""
    assert bound.playbook.handoff is not None
    tests = [bound.test(route.when) for route in bound.playbook.handoff.routes]
    ended: dict[str, int] = {}
    if any(isinstance(term, n.Spells) for test in tests for term in n.terms_of(test)):
        for spell in history(bound, log, as_of).spells:
            if spell.ended_us is not None and spell.ended_us < as_of.until_us:
                ended[spell.qualification] = ended.get(spell.qualification, 0) + 1
    return ended


# -- deciding -----------------------------------------------------------------------------------------------------


def decide(given: RoutingInputs) -> RoutingDecision:
    """Return where a hand-off goes. The same inputs give the same decision, always."""
    team = next((one.to for one in given.asked if one.is_there), None)
    sticky = given.sticky
    passed: list[PassedOver] = []
    if sticky is not None and (why := _why_not_sticky(given, sticky)) is not None:
        passed.append(PassedOver(person=sticky.person, why=why))
    elif sticky is not None:
        others = [one for one in given.turns if one.person != sticky.person]
        passed_over = tuple(PassedOver(person=one.person, why=_why_not(one) or "not-asked") for one in others)
        return RoutingDecision(team=team, owner=sticky.person, how="sticky", passed_over=passed_over)

    asked_already = {one.person for one in passed}
    owner: int | None = None
    for one in _behind(given.turns if team is not None else (), given.last):
        why = "had-it" if given.new_owner is not None and one.person == given.before else _why_not(one, by_turns=True)
        if why is None and owner is None:
            owner = one.person
        elif one.person not in asked_already:
            passed.append(PassedOver(person=one.person, why=why or "later"))
    how: How = "turn" if owner is not None else "nobody" if team is None else "queue"
    # Whoever is in the team was asked twice where they know the lead: what they got in the end is what counts.
    passed_over = tuple(one for one in passed if one.person != owner)
    return RoutingDecision(team=team, owner=owner, how=how, passed_over=passed_over)


def _why_not_sticky(given: RoutingInputs, one: Candidate) -> Why | None:
    if given.new_owner is not None:
        return "had-it" if one.person == given.before else "not-asked"
    return _why_not(one)


def _why_not(one: Candidate, *, by_turns: bool = False) -> Why | None:
    """Return what keeps somebody from a new hand-off; full hands only where it comes by turns."""
    if not one.is_here:
        return "gone"
    if one.away_until is not None:
        return "away"
    if not one.is_open:
        return "closed"
    return "full" if by_turns and one.is_full else None


def _behind(turns: tuple[Candidate, ...], last: int | None) -> tuple[Candidate, ...]:
    """Return the turns as they are asked: from the one behind the last, around to the last."""
    at = next((place + 1 for place, one in enumerate(turns) if one.person == last), 0)
    return turns[at:] + turns[:at]


# -- stored and decided again -----------------------------------------------------------------------------------------


def to_json(given: RoutingInputs, decision: RoutingDecision) -> dict[str, Any]:
    """Return inputs and decision as JSON, without what is as usual."""
    return {
        "format": _FORMAT,
        "inputs": {
            **_unusual(given, RoutingInputs()),
            "asked": [_unusual(one, Asked(to="")) for one in given.asked],
            "turns": [_unusual(one, _USUAL) for one in given.turns],
            **({} if given.sticky is None else {"sticky": _unusual(given.sticky, _USUAL)}),
        },
        "decision": {
            "team": decision.team,
            "owner": decision.owner,
            "how": decision.how,
            "passed_over": [{"person": one.person, "why": one.why} for one in decision.passed_over],
        },
    }


_USUAL = Candidate(person=-1, name="")


def _unusual(one: Any, usual: Any) -> dict[str, Any]:
    """Return what differs from the usual; a plain look at each value, since many are stored at once."""
    return {each.name: value for each in fields(one) if (value := getattr(one, each.name)) != getattr(usual, each.name)}


def from_json(stored: Mapping[str, Any]) -> tuple[RoutingInputs, RoutingDecision]:
    """Return what `to_json` stored.

    Raises:
        ValueError: it is not of this kind.
    """
    if stored.get("format") != _FORMAT:
        raise ValueError(f"This is no stored routing: its format is {stored.get('format')!r}.")
    try:
        inputs, decision = dict(stored["inputs"]), dict(stored["decision"])
        sticky = inputs.pop("sticky", None)
        given = RoutingInputs(
            **{
                **inputs,
                "asked": tuple(Asked(**{"to": "", **one}) for one in inputs["asked"]),
                "turns": tuple(_candidate(one) for one in inputs["turns"]),
                "sticky": None if sticky is None else _candidate(sticky),
            }
        )
        passed = tuple(PassedOver(**one) for one in decision["passed_over"])
        return given, RoutingDecision(**{**decision, "passed_over": passed})
    except (KeyError, TypeError) as error:
        raise ValueError(f"This is no stored routing: {error}.") from error


def _candidate(stored: Mapping[str, Any]) -> Candidate:
    return Candidate(**{"person": -1, "name": "", **stored})


def replay(stored: Mapping[str, Any]) -> RoutingDecision:
    """Return what the stored inputs come to now: the stored decision, unless the rules of routing have changed since.

    Raises:
        ValueError: it is no stored routing.
    """
    return decide(from_json(stored)[0])


# -- in words ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingWords:
    """A decision in sentences: why this *team*, why this *owner*, and of everybody else why not, as (name, why)."""

    team: str
    owner: str
    others: tuple[tuple[str, str], ...] = ()


def say_routing(given: RoutingInputs, decision: RoutingDecision) -> RoutingWords:
    """Return a decision in words."""
    people = {one.person: one for one in given.turns}
    if given.sticky is not None:
        people[given.sticky.person] = given.sticky
    others = tuple(
        (people[one.person].name, _say_why(given, people[one.person], one.why)) for one in decision.passed_over
    )
    return RoutingWords(team=_say_team(given, decision), owner=_say_owner(given, decision, people), others=others)


def _say_team(given: RoutingInputs, decision: RoutingDecision) -> str:
    if not given.asked:
        return "The playbook names no team for this lead, so it goes to none."
    there = next((place for place, one in enumerate(given.asked) if one.is_there), len(given.asked))
    said = " ".join(_say_asked(one, is_first=not place) for place, one in enumerate(given.asked[: there + 1]))
    return said if decision.team is not None else f"{said} It goes to no team."


def _say_asked(one: Asked, *, is_first: bool) -> str:
    missing = "" if one.is_there else " There is no such team."
    if one.stays:
        return f"It stays with {one.to}: it was given on within the team.{missing}"
    if one.when is not None:
        return f"To {one.to}, because {one.said or one.when}.{missing}"
    return f"{'To' if is_first else 'Otherwise to'} {one.to}{', since no route holds' if is_first else ''}.{missing}"


def _say_owner(given: RoutingInputs, decision: RoutingDecision, people: Mapping[int, Candidate]) -> str:
    owner = None if decision.owner is None else people[decision.owner]
    if decision.how == "sticky" and owner is not None:
        knows = "had this lead before" if given.knows == "lead" else "has others of this company"
        return f"To {owner.name}, who {knows}{', though with full hands' if owner.is_full else ''}."
    if owner is not None:
        last = next((one.name for one in given.turns if one.person == given.last), None)
        if last is None:
            return f"To {owner.name}: the turns begin here."
        if owner.person == given.last:
            return f"To {owner.name} once more: the turn came around."
        return f"To {owner.name}, whose turn it is: the last one went to {last}."
    if decision.how == "nobody":
        return "It waits without an owner for whoever claims it."
    nobody = "nobody of the team is free" if given.turns else "the team has no people yet"
    return f"It waits in the team’s queue without an owner: {nobody}."


def _say_why(given: RoutingInputs, one: Candidate, why: Why) -> str:
    match why:
        case "gone":
            return "works no hand-offs now"
        case "closed":
            return "takes no new hand-offs now"
        case "away":
            return f"is away until {one.away_until}"
        case "full":
            return f"has {one.open_handoffs} open and works {one.capacity} at once"
        case "had-it":
            return f"had this lead, and the reason “{given.new_owner}” asks for a new owner"
        case "later":
            return "comes later in the turns"
        case "not-asked" if given.new_owner is not None:
            return f"was not asked: the reason “{given.new_owner}” asks for a new owner"
        case "not-asked":
            return "was not asked: somebody knows the lead already"
