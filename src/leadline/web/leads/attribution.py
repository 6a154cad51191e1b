"""Whose is it? Claims about who somebody is, in the order in which they come, become leads, identities and merges.

Loads what many claims need in a handful of queries, decides in memory, and writes in bulk. The rules (docs/identity.md has them as a
table, with the tests that tell each):

1.  What is only *said* joins nobody. A browser that says to be somebody stays a visitor of its own; what it says is kept with it
    while nobody else has it, and otherwise suggests to a person that the two may be one.
2.  What is *vouched for* is joined by the strong identities that it names together: user id, CRM id, address.
3.  Two ids of one system are two people: leads that have different user ids, or different ids in one CRM, are never joined by this;
    it is suggested. An alias that is vouched for joins two user ids nevertheless, because that is what an alias says.
4.  An anonymous id goes to the first person who is vouched for on it, with all that was seen of it before. If it belongs to another
    person already, it stays there, and it is suggested that the two may be one.
5.  What is vouched for takes an identity from whom only said to have it. That one stays a visitor.
6.  Whom a person has taken apart (an unmerge, a suggestion dismissed) no rule joins again.

Of two leads that are joined, the known one survives, then the one seen first, then the one with the smaller id.

What is vouched for thus comes to the same people in any order of arrival, unless the claims contradict one another (rules 3 and 4
name what is decided by who came first). tests/web/leads/test_any_order.py holds it to that.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Q

from leadline.web.leads.claims import Claim, Key, Kind, system_of
from leadline.web.leads.columns import save_columns
from leadline.web.leads.inserts import insert_rows
from leadline.web.leads.merging import Joined, join_leads
from leadline.web.leads.models import Identity, Lead, Suggestion
from leadline.web.leads.placed import HeldIdentity, Person, Placed

_MOST = 500
_SEEN = ("first_seen_at", "last_seen_at", "first_source")


class Attribution:
    """Weighs claims of one workspace. Make it within a turn (`turn.take_turn`), `place` each claim, then `save` once."""

    def __init__(self, workspace_id: int, claims: Sequence[Claim], *, now: datetime) -> None:
        self.workspace_id = workspace_id
        self.now = now
        self.held: dict[Key, HeldIdentity] = {}
        self.people: dict[int, Person] = {}
        self.made: list[Person] = []
        self.joined: list[tuple[Person, Person, str, str]] = []
        self.suggested: dict[tuple[int, int], tuple[Person, Person, str]] = {}
        self.robbed: list[tuple[Person, Key, str]] = []
        """Who had only said to have an identity that is another's, and by which source, so that what followed can be taken back."""
        self._load({key for claim in claims for key in claim.names()})

    # -- what there is -----------------------------------------------------------------------------------------

    def _load(self, keys: set[Key]) -> None:
        rows: list[Identity] = []
        for kind in Kind:
            values = sorted(value for one, value in keys if one == kind)
            for start in range(0, len(values), _MOST):
                rows += Identity.objects.filter(
                    workspace=self.workspace_id, kind=kind, value__in=values[start : start + _MOST]
                )
        self._load_people({row.lead_id for row in rows} | {row.first_lead_id for row in rows})
        for row in rows:
            first = self.people[row.first_lead_id]
            key = (row.kind, row.value)
            self.held[key] = HeldIdentity(
                key, first, row.is_verified, row.pk, row.source, row.first_seen_at, row.origin
            )

    def _load_people(self, ids: set[int]) -> None:
        for some in _chunks(ids):
            for lead in Lead.objects.filter(workspace=self.workspace_id, pk__in=some):
                self.people[lead.pk] = Person(lead, ids={lead.pk})
        for person in self.people.values():
            if person.lead.merged_into_id is not None:
                person.parent = self.people[person.lead.merged_into_id]
                person.parent.ids.add(person.lead.pk)
        roots = [person.lead.pk for person in self.people.values() if person.parent is None]
        for some in _chunks(roots):
            strong = Identity.objects.filter(
                workspace=self.workspace_id, lead__in=some, is_verified=True, kind__in=(Kind.USER, Kind.CRM, Kind.EMAIL)
            )
            for lead_id, kind, value in strong.values_list("lead_id", "kind", "value"):
                self._vouch(self.people[lead_id], (kind, value))
        self._load_apart(roots)

    def _load_apart(self, roots: Sequence[int]) -> None:
        """Note who was taken apart by a person: of each lead, and of those merged into it, by the leads that they are now."""
        dismissed = Suggestion.objects.filter(workspace=self.workspace_id, state=Suggestion.State.DISMISSED)
        if not roots or not dismissed.exists():
            return
        for some in _chunks(roots):
            ours = Q(lead__in=some) | Q(other__in=some) | Q(lead__merged_into__in=some) | Q(other__merged_into__in=some)
            pairs = dismissed.filter(ours).values_list(
                "lead_id", "lead__merged_into_id", "other_id", "other__merged_into_id"
            )
            for lead_id, lead_root, other_id, other_root in pairs:
                one, another = lead_root or lead_id, other_root or other_id
                for mine, theirs in ((one, another), (another, one)):
                    if mine in self.people:
                        self.people[mine].apart.add(theirs)

    # -- whose a claim is --------------------------------------------------------------------------------------

    def place(self, claim: Claim) -> Placed:
        """Return whose a claim is, and take what it says about who is who."""
        for key in claim.names():
            held = self.held.get(key)
            if held is not None and held.origin and held.origin != claim.origin:
                held.origin, held.is_changed = "", True  # not the import's word alone any more
        return self._place_vouched(claim) if claim.is_verified else self._place_said(claim)

    def _place_said(self, claim: Claim) -> Placed:
        assert claim.anonymous is not None  # `make_claim` sees to it
        first = self._owner_of(claim.anonymous, claim)
        visitor = first.root()
        is_anothers = self._take_hearsay(claim.strong, first, claim, may_give=not visitor.is_vouched)
        return Placed(first, not visitor.is_vouched, is_anothers)

    def _take_hearsay(self, keys: Sequence[Key], first: Person, claim: Claim, *, may_give: bool) -> bool:
        """Take identities that are only said; return whether an address among them is somebody else's."""
        is_anothers = False
        for key in keys:
            held = self.held.get(key)
            if held is None:
                if may_give:
                    self._give(key, first, claim, is_verified=False)
            elif held.first.root() is not first.root():
                is_anothers = is_anothers or key[0] == Kind.EMAIL
                self._suggest(first, held.first, f"says to be {key[1]}")
        return is_anothers

    def _place_vouched(self, claim: Claim) -> Placed:
        first = self._strongest(claim)
        for key in claim.strong:
            self._join_strong(key, first, claim)
        for key in claim.previous_keys():
            self._join_previous(key, first, claim)
        if claim.anonymous is not None:
            self._join_weak(claim.anonymous, first, claim)
        return Placed(first, True, self._take_hearsay(claim.said, first, claim, may_give=True))

    def _strongest(self, claim: Claim) -> Person:
        """Return to whom a claim is attributed: who has its strongest identity, else whoever may take it."""
        for number, key in enumerate(claim.strong):
            held = self.held.get(key)
            if held is not None and held.is_verified:
                taken = {system for one in claim.strong[:number] if (system := system_of(one)) is not None}
                if not taken & held.first.root().systems:
                    return held.first
        weak = () if claim.anonymous is None else (claim.anonymous,)
        for key in (*weak, *claim.previous_keys()):
            held = self.held.get(key)
            if held is not None and key[0] == Kind.ANONYMOUS and (not held.first.root().is_vouched or not claim.strong):
                return held.first
        for key in claim.previous_keys():
            held = self.held.get(key)
            if held is not None and key[0] == Kind.USER and held.is_verified:
                return held.first
        return self._make(claim)

    def _join_strong(self, key: Key, first: Person, claim: Claim) -> None:
        held, person = self.held.get(key), first.root()
        if held is None or not held.is_verified:
            if claim.previous or system_of(key) not in person.systems:
                self._vouch_for(key, first, claim)
            return
        other = held.first.root()
        if other is person:
            return
        if other.systems & person.systems:
            self._suggest(person, other, f"{claim.source} says that both are {key[1]}")
        else:
            self._join(other, person, claim, f"{claim.source} names {claim.strong[0][0]} and {key[0]} together")

    def _join_previous(self, key: Key, first: Person, claim: Claim) -> None:
        if key[0] == Kind.ANONYMOUS:
            self._join_weak(key, first, claim)
            return
        held, person = self.held.get(key), first.root()
        if held is None or not held.is_verified:
            self._vouch_for(key, first, claim)
        elif held.first.root() is not person:
            self._join(held.first.root(), person, claim, f"alias by {claim.source}")

    def _join_weak(self, key: Key, first: Person, claim: Claim) -> None:
        held, person = self.held.get(key), first.root()
        if held is None:
            self._give(key, first, claim)
            return
        other = held.first.root()
        if other is person:
            return
        if other.is_vouched:
            self._suggest(person, other, f"both were seen in one browser by {claim.source}")
        else:
            self._join(other, person, claim, f"{claim.source} vouches for a visitor")

    def saw(self, placed: Placed, claim: Claim, *, is_activity: bool) -> None:
        """Note that somebody was seen; *is_activity*: doing something, which no bot did."""
        person = placed.first.root()
        lead, at = person.lead, claim.at
        if at < lead.first_seen_at:
            lead.first_seen_at, lead.first_source, person.is_changed = at, claim.source, True
        if is_activity and (lead.last_seen_at is None or at > lead.last_seen_at):
            lead.last_seen_at, person.is_changed = at, True

    # -- what follows ------------------------------------------------------------------------------------------

    def _owner_of(self, key: Key, claim: Claim) -> Person:
        held = self.held.get(key)
        if held is not None:
            return held.first
        person = self._make(claim)
        self._give(key, person, claim)
        return person

    def _make(self, claim: Claim) -> Person:
        lead = Lead(
            workspace_id=self.workspace_id,
            first_seen_at=claim.at,
            first_source=claim.source,
            origin=claim.origin,
            due_at=self.now,
        )
        person = Person(lead, is_new=True)
        self.made.append(person)
        return person

    def _give(self, key: Key, first: Person, claim: Claim, *, is_verified: bool | None = None) -> None:
        is_verified = claim.is_verified if is_verified is None else is_verified
        self.held[key] = HeldIdentity(key, first, is_verified, None, claim.source, claim.at, claim.origin)

    def _vouch_for(self, key: Key, first: Person, claim: Claim) -> None:
        """Give a strong identity to a person who was vouched for, whoever had only said to have it."""
        held = self.held.get(key)
        if held is None:
            self._give(key, first, claim)
        else:
            if held.first.root() is not first.root():
                self._suggest(first, held.first, f"says to be {key[1]}")
                self.robbed.append((held.first, key, held.source))
            held.first, held.is_verified, held.is_changed = first, True, True
        self._vouch(first.root(), key)

    def _vouch(self, person: Person, key: Key) -> None:
        person.is_vouched = True
        system = system_of(key)
        if system is not None:
            person.systems.add(system)

    def _join(self, one: Person, another: Person, claim: Claim, because: str) -> None:
        """Merge two people, unless somebody has taken them apart."""
        if one.ids & another.apart or another.ids & one.apart:
            return
        into, lead = sorted((one, another), key=_seniority)
        lead.parent = into
        into.is_vouched = into.is_vouched or lead.is_vouched
        into.systems |= lead.systems
        into.ids |= lead.ids
        into.apart |= lead.apart
        into.is_changed = True
        if lead.lead.first_seen_at < into.lead.first_seen_at:
            into.lead.first_seen_at, into.lead.first_source = lead.lead.first_seen_at, lead.lead.first_source
        times = [at for at in (into.lead.last_seen_at, lead.lead.last_seen_at) if at is not None]
        into.lead.last_seen_at = max(times, default=None)
        self.joined.append((lead, into, because, claim.origin))

    def _suggest(self, one: Person, another: Person, because: str) -> None:
        self.suggested.setdefault((id(one), id(another)), (one, another, because))

    # -- writing -----------------------------------------------------------------------------------------------

    def save(self) -> Joined:
        """Write what was decided; return which leads were joined. After this every `Placed.lead` has its id."""
        Lead.objects.bulk_create([person.lead for person in self.made])
        joined = join_leads(
            self.workspace_id,
            [(lead.lead, into.lead, because, by) for lead, into, because, by in self.joined],
            fresh={person.lead.pk for person in self.made},
            now=self.now,
        )
        self._save_identities()
        self._save_suggestions()
        changed = [person.lead for person in self._everybody() if person.is_changed and not person.is_new]
        save_columns((lead for lead in changed if lead.merged_into_id is None), _SEEN)
        return joined

    def given_to(self) -> set[int]:
        """Return the leads to whom an identity was given that they had not got, once it is saved."""
        return {held.first.root().lead.pk for held in self.held.values() if held.pk is None or held.is_changed}

    def _everybody(self) -> Iterable[Person]:
        return [*self.people.values(), *self.made]

    def _save_identities(self) -> None:
        new = [
            Identity(
                workspace_id=self.workspace_id,
                kind=held.key[0],
                value=held.key[1],
                lead=held.first.root().lead,
                first_lead=held.first.lead,
                is_verified=held.is_verified,
                source=held.source,
                first_seen_at=held.at,
                origin=held.origin,
            )
            for held in self.held.values()
            if held.pk is None
        ]
        insert_rows(new)
        for held in self.held.values():
            if held.pk is not None and held.is_changed:
                Identity.objects.filter(pk=held.pk).update(
                    lead=held.first.root().lead,
                    first_lead=held.first.lead,
                    is_verified=held.is_verified,
                    origin=held.origin,
                )

    def _save_suggestions(self) -> None:
        found: dict[tuple[int, int], str] = {}
        for one, another, because in self.suggested.values():
            smaller, greater = sorted((one.root().lead.pk, another.root().lead.pk))
            if smaller != greater:
                found.setdefault((smaller, greater), because[:255])
        Suggestion.objects.bulk_create(
            [
                Suggestion(workspace_id=self.workspace_id, lead_id=lead, other_id=other, because=because)
                for (lead, other), because in found.items()
            ],
            ignore_conflicts=True,
        )


def _seniority(person: Person) -> tuple[bool, datetime, bool, int]:
    """Return by what is decided who survives: the known, then who was seen first, then the smaller id."""
    return (not person.is_vouched, person.lead.first_seen_at, person.lead.pk is None, person.lead.pk or 0)


def _chunks(ids: Iterable[int]) -> Iterable[list[int]]:
    ordered = sorted(set(ids))
    return (ordered[start : start + _MOST] for start in range(0, len(ordered), _MOST))
