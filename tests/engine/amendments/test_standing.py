"""Which qualifications no longer stand, told as stories: who fell, why, and what stays as it was."""

from dataclasses import replace

import pytest
from tests.engine.amendments.shop import PLAYBOOK, spells_of

from leadline.engine.amendments.affected import successors
from leadline.engine.amendments.model import Amendment, BotRule, Erase, MarkBot, Merge, RepointEvents, Unmerge
from leadline.engine.amendments.standing import Fallen, no_longer_stand
from leadline.engine.lifecycle.model import Spell
from leadline.engine.playbook.load import read_playbook

DAY_US = 86_400_000_000


def fallen(*amendments: Amendment, already: tuple[Amendment, ...] = ()) -> list[Fallen]:
    """Return what no longer stands once something is said."""
    before, _ = spells_of(*already)
    after, look_again = spells_of(*already, *amendments)
    now = successors(already, amendments)
    playbook, _ = read_playbook(PLAYBOOK)
    return no_longer_stand(before, after, leads_now=now, look_again=look_again, playbook=playbook)


def spell(began: int, ended: int | None = None, lead: str = "ann", **others: object) -> Spell:
    found = Spell(
        lead_id=lead,
        qualification="mql",
        number=1,
        began_us=began * DAY_US,
        began_day=began,
        began_by="enter",
        ended_us=None if ended is None else ended * DAY_US,
        ended_day=ended,
        ended_by=None if ended is None else "cooled",
    )
    return replace(found, **others)  # type: ignore[arg-type]


# -- why ---------------------------------------------------------------------------------------------------------


def test_a_webinar_that_a_bot_attended_takes_the_qualification_with_it_and_says_so() -> None:
    (one,) = fallen(MarkBot(event_ids=("2",)))

    assert (one.lead_id, one.how, one.now) == ("ann", "gone", None)
    assert one.because == (
        "'webinar' (Came to a webinar) gives nothing, and gave 20. "
        "On 2026-03-04 'engagement' is 10, not 30, and the condition to enter does not hold."
    )


def test_a_hand_raise_that_was_somebody_elses_is_named() -> None:
    (one,) = fallen(RepointEvents(event_ids=("5",), into="ann"))

    assert (one.lead_id, one.how) == ("bob", "gone")
    assert one.because == "The hand raise 'demo' of 2026-03-05 is not there any more, or a bot made it."
    assert fallen(MarkBot(rule=BotRule(id="demos", events=("demo",)))) == [one]


def test_an_exclusion_that_comes_with_a_merge_is_named() -> None:
    (one,) = fallen(Merge(lead="bob", into="kim"))

    assert (one.lead_id, one.how, one.because) == ("bob", "gone", "On 2026-03-05 it is excluded as 'student'.")


def test_a_quiet_time_that_comes_with_a_merge_is_told() -> None:
    """The lead that Ann turns out to be was recycled the day before she qualified."""
    (one,) = fallen(Merge(lead="a.lee", into="ann"))

    assert (one.lead_id, one.how) == ("ann", "gone")
    assert one.because == (
        "On 2026-03-04 the condition to enter holds, but what had ended or was reported before keeps it from beginning."
    )


def test_who_was_merged_away_is_looked_for_under_the_new_name() -> None:
    (one,) = fallen(Merge(lead="ann", into="bob"))

    assert (one.lead_id, one.how) == ("bob", "earlier"), "and the spell of Ann stands, as Bob's"
    assert one.because.startswith("It begins on 2026-03-04, not on 2026-03-05.")


def test_after_a_merge_is_undone_both_are_looked_at() -> None:
    assert fallen(Unmerge(lead="ann"), already=(Merge(lead="ann", into="bob"),)) == []


def test_of_somebody_erased_only_the_name_and_the_spell_are_told() -> None:
    (one,) = fallen(Erase(lead="bob"))

    assert (one.how, one.because, one.now) == ("erased", "'bob' was erased.", None)
    assert (one.was.hand_raise, one.was.evidence, one.was.reason, one.was.outcome) == (None, None, None, None)


# -- what stands in the place of a spell ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([spell(5, 9)], [spell(5, 9)], []),
        ([spell(5, 9)], [], ["gone"]),
        ([spell(5, 9)], [spell(9, 12)], ["gone"]),
        ([spell(5, 9)], [spell(1, 5)], ["gone"]),
        ([spell(5, 9)], [spell(8, 12)], ["later"]),
        ([spell(5, 9)], [spell(3, 6)], ["earlier"]),
        ([spell(5, 9)], [spell(3, 6), spell(7, 9)], ["earlier"]),
        ([spell(5, 9)], [spell(5, 8)], ["ended"]),
        ([spell(5)], [spell(5, 8)], ["ended"]),
        ([spell(5, 8)], [spell(5)], ["ended"]),
        ([spell(5, 9), spell(11, 14)], [spell(5, 14)], ["ended", "earlier"]),
        ([spell(5, 14)], [spell(5, 9), spell(11, 14)], ["ended"]),
        ([spell(5, 9)], [spell(5, 9, "bob")], ["gone"]),
        ([spell(5, 9)], [spell(5, 9, qualification="sql")], ["gone"]),
        ([spell(5, 9)], [spell(5, 9, number=2, hand_raise="demo", outcome="won")], []),
        ([spell(5, 9)], [spell(5, 9, ended_by="outcome", ended_because="lost")], ["ended"]),
    ],
)
def test_a_spell_falls_when_none_begins_and_ends_as_it_did(
    before: list[Spell], after: list[Spell], expected: list[str]
) -> None:
    assert [one.how for one in no_longer_stand(before, after)] == expected


def test_two_people_who_are_one_share_a_spell() -> None:
    before = [spell(5, 9), spell(5, 9, "bob")]

    assert no_longer_stand(before, [spell(5, 9, "bob")], leads_now={"ann": ("bob",)}) == []


def test_what_lies_after_the_earlier_replay_does_not_count() -> None:
    before, after = [spell(5), spell(2, 4, "bob")], [spell(5, 12), spell(2, 4, "bob"), spell(11, 12, "bob")]

    assert [one.how for one in no_longer_stand(before, after)] == ["ended"]
    assert no_longer_stand(before, after, until_us=10 * DAY_US) == []
    assert [one.lead_id for one in no_longer_stand(before, [], since_us=5 * DAY_US)] == ["ann"]


def test_whether_anybody_had_acted_on_it_is_told() -> None:
    found = no_longer_stand([spell(5), spell(5, lead="bob", outcome="accepted")], [])

    assert [(one.lead_id, one.was_acted_on) for one in found] == [("ann", False), ("bob", True)]
