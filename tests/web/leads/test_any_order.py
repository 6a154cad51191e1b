"""Messages come in any order, in batches of any size, and again: the same people come of them."""

from collections import Counter
from itertools import count, pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.web.leads.says import says, take

from leadline.web.accounts.models import Source, Workspace
from leadline.web.leads.models import Event, Fact, Identity, Lead

pytestmark = pytest.mark.django_db
_numbers = count(1)
PEOPLE = 2
EXAMPLES = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@st.composite
def messages(draw):
    """Some messages about two people: what is vouched for is true, what is only said may be anything."""

    def maybe(*values):
        return draw(st.sampled_from(("", *values)))

    found = []
    for number in range(draw(st.integers(1, 9))):
        person, other = draw(st.integers(1, PEOPLE)), draw(st.integers(1, PEOPLE))
        is_verified = draw(st.integers(0, 2)) > 0
        is_alias = draw(st.integers(0, 3)) == 0
        named = person if is_verified else other
        who = {
            "anonymous_id": maybe(f"a{person}", f"b{person}"),
            "user_id": f"u{named}" if is_alias else maybe(f"u{named}"),
            "email": maybe(f"{named}@acme.com", f"{named}@home.net"),
            "crm_id": maybe(f"crm:{named}"),
            "previous_id": draw(st.sampled_from((f"old{named}", f"a{person}"))) if is_alias else "",
        }
        if not any(who.values()):
            who["anonymous_id"] = f"a{person}"
        kind = "alias" if is_alias else draw(st.sampled_from(("track", "identify")))
        found.append(says(kind, message_id=f"m{number}", minute=draw(st.integers(0, 50)), verified=is_verified, **who))
    return found


def strong_of(message):
    keys = [("user", message.user_id), ("crm", message.crm_id), ("email", message.email)]
    return [key for key in keys if key[1]]


class Components:
    """Who is one with whom by what was vouched for, as plain sets: what the rules say when nothing contradicts."""

    def __init__(self, given):
        self.sets = []
        self.touched = {}
        vouched = [message for message in given if message.is_verified]
        for message in vouched:
            previous = [("user", message.previous_id)] if message.kind == "alias" else []
            self.unite({*strong_of(message), *previous})
        for message in vouched:
            for browser in (message.anonymous_id, message.previous_id if message.kind == "alias" else ""):
                if browser and strong_of(message):
                    self.touched.setdefault(browser, set()).add(self.find(strong_of(message)[0]))

    def unite(self, keys):
        if keys:
            together = [one for one in self.sets if one & keys]
            self.sets = [one for one in self.sets if not one & keys] + [frozenset(keys.union(*together))]

    def find(self, key):
        return next(one for one in self.sets if key in one)

    def owner(self, message):
        """Return whose a message must be; None where that is decided by who came first (two people at one browser)."""
        strong = strong_of(message)
        if message.is_verified and strong:
            return self.find(strong[0])
        previous = message.previous_id if message.kind == "alias" else ""
        browser = message.anonymous_id or previous or ":".join(strong[0])
        owners = self.touched.get(browser, set())
        if len(owners) > 1:
            return None
        return next(iter(owners), ("visitor", browser))


def fresh_source():
    number = next(_numbers)
    workspace = Workspace.objects.create(name="W", slug=f"w{number}")
    return Source.objects.create(workspace=workspace, name="anywhere", kind=Source.Kind.SERVER)


def batches_of(given, cuts):
    edges = sorted({0, len(given), *(cut for cut in cuts if cut < len(given))})
    return [given[start:end] for start, end in pairwise(edges)]


@EXAMPLES
@given(st.data())
def test_what_is_vouched_for_comes_to_the_same_people_in_any_order(db, data):
    given_messages = data.draw(messages())
    arrived = data.draw(st.permutations(given_messages))
    cuts = data.draw(st.lists(st.integers(1, 8), max_size=4))
    source = fresh_source()

    for batch in batches_of(arrived, cuts):
        take(source, *batch)

    expected = Components(given_messages)
    lead_of = dict(Event.objects.filter(source=source).values_list("message_id", "lead"))
    owned = {message.message_id: expected.owner(message) for message in given_messages}
    sure = [message_id for message_id, owner in owned.items() if owner is not None]
    for one in sure:
        for another in sure:
            assert (lead_of[one] == lead_of[another]) == (owned[one] == owned[another]), (one, another)


@EXAMPLES
@given(st.data())
def test_what_comes_three_times_comes_once(db, data):
    given_messages = data.draw(messages())
    batches = batches_of(given_messages, data.draw(st.lists(st.integers(1, 8), max_size=4)))
    rounds = [batch for batch in batches for _ in range(3)]
    once, thrice = fresh_source(), fresh_source()
    taken = Counter()

    for batch in batches:
        take(once, *batch)
    for number in sorted(range(len(rounds)), key=lambda one: (one // 3) + (one % 3) * 1.5):
        became = take(thrice, *rounds[number])
        taken.update(stored=became.stored, duplicates=became.duplicates, erased=became.erased)

    assert rows_of(once.workspace) == rows_of(thrice.workspace)
    assert taken == Counter(stored=len(given_messages), duplicates=2 * len(given_messages), erased=0)


def rows_of(workspace):
    """Return all that was written, with leads by their place instead of their ids."""
    place = {
        pk: number
        for number, pk in enumerate(
            Lead.objects.filter(workspace=workspace).order_by("pk").values_list("pk", flat=True)
        )
    }
    place[None] = None

    def rows(model, *fields):
        found = model.objects.filter(workspace=workspace).values_list("lead", "first_lead", *fields)
        return sorted((place[lead], place[first], *(str(one) for one in rest)) for lead, first, *rest in found)

    cards = (
        Lead.objects.filter(workspace=workspace)
        .order_by("pk")
        .values_list("merged_into", "name", "email", "is_known", "first_seen_at", "last_seen_at")
    )
    return (
        rows(Event, "message_id", "kind"),
        rows(Fact, "field", "value", "known_at", "source"),
        rows(Identity, "kind", "value", "is_verified"),
        [(place[into], *rest) for into, *rest in cards],
    )


@EXAMPLES
@given(st.data())
def test_whatever_comes_nobody_has_two_ids_of_one_crm_and_every_row_is_the_survivors(db, data):
    given_messages = data.draw(messages())
    mixed = [
        says(
            one.kind,
            minute=2,
            verified=one.is_verified,
            anonymous_id=other.anonymous_id or "x",
            user_id=one.user_id,
            crm_id=other.crm_id,
            email=one.email,
        )
        for one, other in zip(given_messages, data.draw(st.permutations(given_messages)), strict=True)
        if one.kind != "alias"
    ]  # what is vouched for contradicts itself here
    source = fresh_source()

    for batch in batches_of(mixed, data.draw(st.lists(st.integers(1, 8), max_size=4))):
        take(source, *batch)

    into = dict(Lead.objects.filter(workspace=source.workspace).values_list("pk", "merged_into"))
    ids = Counter(
        (row.lead_id, row.kind)
        for row in Identity.objects.filter(workspace=source.workspace, is_verified=True, kind__in=("user", "crm"))
    )
    assert all(number == 1 for number in ids.values())
    for model in (Event, Fact, Identity):
        for lead, first in model.objects.filter(workspace=source.workspace).values_list("lead", "first_lead"):
            assert into[lead] is None
            assert lead == (into[first] or first)
