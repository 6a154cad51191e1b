"""The meaning of a playbook, rule by rule: each test is a short story of one lead, as of noon on 2 March 2026 in Berlin."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from leadline.engine.arithmetic import plain_points
from leadline.engine.calendar import Zone, day_number, instant_of
from leadline.engine.playbook.check import bind_playbook
from leadline.engine.playbook.load import read_playbook
from leadline.engine.reference.assess import assess, largest_contributions
from leadline.engine.reference.log import Event, Fact, LeadLog, ReportedOutcome

BERLIN = Zone("Europe/Berlin")
TODAY = date(2026, 3, 2)

HEAD = """
[playbook]
name = "story"
timezone = "Europe/Berlin"
"""
SCORE = "[scores.heat]\n"


def criterion(body: str, *, name: str = "c", score: str = "heat") -> str:
    return f'[[criteria]]\nid = "{name}"\nscore = "{score}"\nwhy = "w"\n{body}\n'


def at(days_ago: int, clock: str = "12:00") -> int:
    day = TODAY - timedelta(days=days_ago)
    return BERLIN.instant_of_local(datetime.combine(day, time.fromisoformat(clock)))


def seen(days_ago: int, clock: str = "12:00", name: str = "seen", **properties) -> Event:
    return Event(name=name, at_us=at(days_ago, clock), properties=properties)


def outcome(name: str, days_ago: int, clock: str = "12:00", reason: str | None = None) -> ReportedOutcome:
    return ReportedOutcome(outcome=name, at_us=at(days_ago, clock), reason=reason)


def fact(field: str, value, days_ago: int, source: str = "", text: str | None = None) -> Fact:
    shown = str(value or "") if text is None else text
    return Fact(field=field, value=value, text=shown, known_at_us=at(days_ago), source=source)


def assess_lead(text: str, *events: Event, clock: str | None = "12:00", **log):
    bound, _ = bind_playbook(read_playbook(HEAD + text)[0])
    as_of = BERLIN.end_of_day(day_number(TODAY)) if clock is None else BERLIN.moment(at(0, clock))
    return assess(bound, LeadLog(lead_id="ann", events=events, **log), as_of)


def heat(text: str, *events: Event, **log) -> str:
    return plain_points(assess_lead(SCORE + text, *events, **log).scores["heat"].units)


# -- age and moments (1, 9) -------------------------------------------------------------------------------


def test_an_event_of_the_same_local_day_has_age_zero():
    halved = criterion('event = "seen"\npoints = 10\ndecay = { half_life = "1d" }')

    assert heat(halved, seen(0, "00:00")) == "10"
    assert heat(halved, seen(1, "23:59")) == "5"


def test_age_is_counted_in_local_days_also_over_the_day_of_23_hours():
    halved = criterion('event = "seen"\npoints = 8\ndecay = { half_life = "1d" }')
    bound, _ = bind_playbook(read_playbook(HEAD + SCORE + halved)[0])
    before = Event(name="seen", at_us=instant_of(datetime(2026, 3, 28, 22, 59, tzinfo=UTC)))

    monday = BERLIN.moment(instant_of(datetime(2026, 3, 29, 22, 0, tzinfo=UTC)))

    assert assess(bound, LeadLog(lead_id="ann", events=(before,)), monday).scores["heat"].units == 20_000


def test_an_instant_is_inclusive_and_what_lies_after_it_is_not_there():
    plain = criterion('event = "seen"\npoints = 1')

    assert heat(plain, seen(0, "12:00"), seen(0, "12:01"), seen(-1)) == "1"


def test_a_date_means_all_of_its_local_day():
    plain = criterion('event = "seen"\npoints = 1')

    assert heat(plain, seen(0, "23:59"), seen(-1, "00:00"), clock=None) == "1"


# -- which events count, in which order (2) ---------------------------------------------------------------


def test_bots_are_left_out_of_everything():
    bot = Event(name="seen", at_us=at(0), is_bot=True)
    text = criterion('event = "seen"\npoints = 1') + criterion("when = \"count('seen') >= 1\"\npoints = 5", name="d")

    assert heat(text, bot) == "0"


def test_a_missing_property_makes_no_match():
    about = criterion('event = "seen"\nwhen = "path <> \'/\'"\npoints = 1')

    assert heat(about, seen(0, path="/a"), seen(0)) == "1"


def test_the_limit_comes_before_within():
    """The first of the month was used up by an event that is forgotten by now: what the limit picks never changes."""
    once = criterion('event = "seen"\npoints = 10\nlimit = { count = 1, per = "year" }\nwithin = "30d"')

    assert heat(once, seen(40), seen(3)) == "0"
    assert heat(once, seen(3)) == "10"


def test_the_limit_comes_after_when():
    first = criterion('event = "seen"\nwhen = "path = \'/a\'"\npoints = 10\nlimit = { count = 1, per = "day" }')

    assert heat(first, seen(0, "09:00", path="/b"), seen(0, "10:00", path="/a")) == "10"


@pytest.mark.parametrize(
    ("per", "points"), [("day", "5"), ("week", "4"), ("month", "3"), ("quarter", "2"), ("year", "2"), ("ever", "1")]
)
def test_limits_go_by_calendar_buckets(per, points):
    """On a Monday: twice today, on Sunday, on Saturday (in February), earlier in February, and last year."""
    text = criterion(f'event = "seen"\npoints = 1\nlimit = {{ count = 1, per = "{per}" }}')

    assert heat(text, seen(0, "09:00"), seen(0, "10:00"), seen(1), seen(2), seen(20), seen(80)) == points


def test_the_first_events_of_a_day_count_in_order_of_time():
    text = criterion('event = "seen"\npoints = 10\ndecay = { linear = "10d" }\nlimit = { count = 2, per = "month" }')

    assert heat(text, seen(0), seen(1), seen(1, "09:00")) == "18"


def test_within_forgets_events_of_that_age_and_more():
    text = criterion('event = "seen"\npoints = 1\nwithin = "7d"')

    assert heat(text, seen(6), seen(7), seen(8)) == "1"


def test_min_and_max_hold_what_the_criterion_adds():
    text = criterion('event = "seen"\npoints = 10\nmax = 25') + criterion(
        'event = "left"\npoints = -10\nmin = -15', name="d"
    )

    assert heat(text, *[seen(0)] * 3, *[seen(0, name="left")] * 2) == "10"


def test_one_criterion_may_name_several_events_under_one_limit():
    text = criterion('event = ["seen", "read"]\npoints = 1\nlimit = { count = 1, per = "day" }')

    assert heat(text, seen(0), seen(0, name="read")) == "1"


# -- resets -----------------------------------------------------------------------------------------------

RESET = '[[resets]]\nevent = "left"\nscores = ["heat"]\n'


def test_a_reset_wipes_what_came_before_it_also_on_its_day():
    text = criterion('event = "seen"\npoints = 1') + RESET

    assert heat(text, seen(0, "09:00"), seen(0, "10:00", name="left"), seen(0, "11:00")) == "1"


def test_an_event_at_the_moment_of_the_reset_is_wiped():
    text = criterion('event = "seen"\npoints = 1') + RESET

    assert heat(text, seen(0, "10:00"), seen(0, "10:00", name="left")) == "0"


def test_the_event_that_resets_earns_nothing_itself():
    text = criterion('event = "left"\npoints = 1') + RESET

    assert heat(text, seen(0, name="left")) == "0"


def test_after_a_reset_the_limit_starts_anew():
    text = criterion('event = "seen"\npoints = 1\nlimit = { count = 1, per = "day" }') + RESET

    assert heat(text, seen(0, "09:00"), seen(0, "10:00", name="left"), seen(0, "11:00")) == "1"


def test_a_reset_touches_neither_other_scores_nor_counts():
    text = (
        SCORE
        + "[scores.other]\n"
        + criterion('event = "seen"\npoints = 1')
        + criterion('event = "seen"\npoints = 1', name="d", score="other")
        + criterion("when = \"count('seen') = 1 and days_since('seen') = 3\"\npoints = 5", name="e")
        + RESET
    )

    scores = assess_lead(text, seen(3), seen(1, name="left")).scores

    assert (scores["heat"].units, scores["other"].units) == (50_000, 10_000)


def test_a_bot_resets_nothing():
    text = criterion('event = "seen"\npoints = 1') + RESET

    assert heat(text, seen(3), Event(name="left", at_us=at(1), is_bot=True)) == "1"


def test_an_outcome_resets_too():
    text = criterion('event = "seen"\npoints = 1') + '[outcomes.recycled]\nreset = ["heat"]\n'

    assert heat(text, seen(3), seen(1), outcomes=(outcome("recycled", 2),)) == "1"
    assert heat(text, seen(3), seen(1), outcomes=(outcome("recycled", -2),)) == "2"


# -- inactivity (5) ---------------------------------------------------------------------------------------

QUIET = criterion('event = "seen"\npoints = 100') + criterion('inactive_for = "10d"\npoints = -1', name="q")


def quiet(*events: Event, text: str = QUIET, **log):
    return assess_lead(SCORE + text, *events, **log).contributions["q"]


@pytest.mark.parametrize(("days_ago", "points"), [(0, 0), (9, 0), (10, -1), (19, -1), (20, -2), (95, -9)])
def test_silence_costs_for_every_full_period(days_ago, points):
    assert quiet(seen(days_ago), seen(days_ago + 3)).units == points * 10_000


def test_without_any_activity_silence_is_unknown():
    found = quiet(seen(3, name="something else"))

    assert (found.units, found.is_unknown, found.low, found.high) == (0, True, None, 0)


def test_activity_is_what_criteria_with_positive_points_name_whether_they_count_it_or_not():
    text = QUIET + criterion('event = "left"\npoints = -5', name="d")

    assert quiet(seen(25), seen(3, name="left"), text=text).units == -20_000


def test_activity_may_be_named():
    text = criterion('inactive_for = "10d"\npoints = -1\nactivity = ["called"]\nmin = -3', name="q")

    assert quiet(seen(3), seen(25, name="called"), text=text).units == -20_000
    assert quiet(seen(95, name="called"), text=text).units == -30_000
    assert quiet(text=text).low == -30_000


def test_silence_counts_from_a_reset():
    assert quiet(seen(95), seen(12, name="left"), text=QUIET + RESET).units == -10_000
    assert quiet(seen(12, name="left"), text=QUIET + RESET).is_unknown is False


# -- fact criteria ----------------------------------------------------------------------------------------

SIZE = criterion(
    'choose = [{ when = "size >= 50", points = 25 }, { when = "size < 5", points = -10 }, '
    "{ when = \"sector = 'x'\", points = 7 }]"
)


def fact_criterion(text: str = SIZE, **log):
    return assess_lead(SCORE + text, **log).contributions["c"]


def test_the_first_choice_that_is_true_counts():
    assert fact_criterion(lead={"size": 90.0, "sector": "x"}).choice == 0
    assert fact_criterion(lead={"size": 2.0, "sector": "x"}).units == -100_000


def test_a_later_choice_counts_although_an_earlier_one_is_unknown():
    found = fact_criterion(lead={"sector": "x"})

    assert (found.units, found.is_unknown) == (70_000, False)


def test_when_none_is_true_and_one_is_unknown_the_criterion_is_unknown():
    found = fact_criterion(lead={"sector": "y"})

    assert (found.units, found.is_unknown, found.low, found.high) == (0, True, -100_000, 250_000)


def test_when_all_are_false_it_is_known_to_be_nothing():
    found = fact_criterion(lead={"size": 20.0, "sector": "y"})

    assert (found.units, found.is_unknown, found.low, found.high) == (0, False, 0, 0)


def test_what_is_false_already_gives_an_unknown_criterion_no_room():
    found = fact_criterion(lead={"size": 20.0})

    assert (found.is_unknown, found.low, found.high) == (True, 0, 70_000)


# -- scores (6, 11) ---------------------------------------------------------------------------------------


def test_a_score_is_held_between_its_bounds():
    text = (
        "[scores.heat]\nmin = 0\nmax = 15\n"
        + criterion('event = "seen"\npoints = 10')
        + criterion('event = "left"\npoints = -30', name="d")
    )

    high = assess_lead(text, seen(0), seen(0)).scores["heat"]
    low = assess_lead(text, seen(0), seen(0, name="left")).scores["heat"]

    assert (high.units, high.before_hold) == (150_000, 200_000)
    assert (low.units, low.before_hold) == (0, -200_000)


@pytest.mark.parametrize(("points", "grade"), [(80, "A"), (75, "A"), (74.9999, "B"), (50, "B"), (49, "C"), (-5, "C")])
def test_a_grade_is_the_highest_threshold_that_is_reached_and_below_all_the_last(points, grade):
    text = "[scores.heat]\ngrades = { A = 75, B = 50, C = 49.5 }\n" + criterion(f'event = "seen"\npoints = {points}')

    assert assess_lead(text, seen(0)).scores["heat"].grade == grade


def test_a_sum_adds_the_scores_as_they_are_held():
    text = (
        "[scores.total]\nsum_of = ['heat', 'fit']\nmax = 12\n[scores.heat]\nmax = 10\n[scores.fit]\nmin = 0\n"
        + criterion('event = "seen"\npoints = 30')
        + criterion('when = "size > 1"\npoints = -5', name="d", score="fit")
    )

    total = assess_lead(text, seen(0), lead={"size": 3.0}).scores["total"]

    assert (total.units, total.before_hold) == (100_000, 100_000)


def test_coverage_is_the_share_of_points_whose_conditions_are_known():
    text = (
        SIZE
        + criterion("when = \"sector = 'x'\"\npoints = 7", name="d")
        + criterion('when = "a > 1"\npoints = -1', name="e")
    )

    score = assess_lead(SCORE + text, lead={"sector": "x"}).scores["heat"]
    assert score.coverage == (25 + 7) * 10_000 // (25 + 7 + 1)
    assert assess_lead(SCORE + text).scores["heat"].coverage == 0


def test_a_score_without_points_on_facts_is_covered():
    assert assess_lead(SCORE + criterion('event = "seen"\npoints = 1')).scores["heat"].coverage == 10_000


def test_low_and_high_take_the_worst_and_the_best_and_are_then_held():
    text = "[scores.heat]\nmin = 0\nmax = 30\n" + SIZE + criterion('when = "a > 1"\npoints = 20', name="d")

    score = assess_lead(text).scores["heat"]

    assert (score.low, score.units, score.high) == (0, 0, 300_000)


def test_a_score_without_bounds_may_have_no_lower_end():
    score = assess_lead(SCORE + QUIET).scores["heat"]

    assert (score.low, score.high) == (None, 0)


def test_points_are_exact():
    thirds = "".join(criterion('event = "seen"\npoints = 0.1', name=f"c{at}") for at in range(10))

    assert heat(thirds, seen(0)) == "1"


def test_reasons_are_the_largest_contributions_and_ties_stay_in_file_order():
    text = "".join(
        criterion(f'event = "seen"\npoints = {points}', name=name)
        for name, points in (("a", 1), ("b", -5), ("c", 0), ("d", 5), ("e", 2))
    )

    found = largest_contributions(assess_lead(SCORE + text, seen(0)))

    assert [one.criterion_id for one in found] == ["b", "d", "e"]


# -- facts (10) -------------------------------------------------------------------------------------------

TITLE = '[sources]\nrank = ["person", "crm"]\n' + SCORE + criterion("when = \"title = 'vp'\"\npoints = 1")


def knows_vp(*facts: Fact, **log) -> bool | None:
    found = assess_lead(TITLE, facts=facts, **log).contributions["c"]
    return None if found.is_unknown else found.units > 0


def test_a_fact_wins_over_the_column():
    assert knows_vp(fact("title", "vp", 3), lead={"title": "intern"}) is True


def test_a_fact_of_tomorrow_is_not_known_today():
    assert knows_vp(fact("title", "vp", -1), lead={"title": "intern"}) is False


def test_the_stronger_source_wins_over_the_later_one():
    assert knows_vp(fact("title", "vp", 30, "person"), fact("title", "intern", 1, "crm")) is True
    assert knows_vp(fact("title", "vp", 30, "crm"), fact("title", "intern", 1, "guess")) is True


def test_of_unlisted_sources_the_later_one_wins():
    assert knows_vp(fact("title", "vp", 1, "a"), fact("title", "intern", 3, "b")) is True
    assert knows_vp(fact("title", "vp", 3, "a"), fact("title", "intern", 1, "b")) is False


def test_of_two_at_one_moment_the_greater_text_wins():
    assert knows_vp(fact("title", "vp", 1, "a"), fact("title", "intern", 1, "b")) is True
    assert knows_vp(fact("title", "vp", 1), fact("title", "intern", 1)) is True
    assert knows_vp(fact("title", "vp", 1), fact("title", "xp", 1)) is False


def test_an_empty_value_withdraws_what_that_source_said():
    assert knows_vp(fact("title", "vp", 3, "crm"), fact("title", None, 1, "crm")) is None
    assert knows_vp(fact("title", "vp", 3, "crm"), fact("title", None, 1, "person")) is True
    assert (
        knows_vp(fact("title", "intern", 3, "person"), fact("title", None, 1, "person"), lead={"title": "vp"}) is True
    )
    assert knows_vp(fact("title", None, 3, "crm"), fact("title", "vp", 1, "crm")) is True


# -- questions, personas, exclusions, qualifications ------------------------------------------------------

QUESTION = '[questions.budget]\nyes = "amount >= 10"\npartly = "amount >= 5"\nno = "amount < 1"\n'


@pytest.mark.parametrize(
    ("amount", "answer"), [(10.0, "yes"), (7.0, "partly"), (0.0, "no"), (3.0, "unknown"), (None, "unknown")]
)
def test_an_answer_is_the_first_of_yes_partly_and_no(amount, answer):
    lead = {} if amount is None else {"amount": amount}

    assert assess_lead(QUESTION, lead=lead).answers == {"budget": answer}


def test_what_a_person_answered_wins_until_it_is_withdrawn():
    said = fact("questions.budget", "no", 3, "person")
    withdrawn = fact("questions.budget", None, 1, "person")

    assert assess_lead(QUESTION, lead={"amount": 50.0}, facts=(said,)).answers["budget"] == "no"
    assert assess_lead(QUESTION, lead={"amount": 50.0}, facts=(said, withdrawn)).answers["budget"] == "yes"


def test_the_first_persona_and_exclusion_that_is_true():
    text = "".join(
        f'[[{kind}]]\nid = "{kind[0]}{size}"\nwhen = "size >= {size}"\n'
        for kind in ("personas", "exclusions")
        for size in (100, 10)
    )

    found = assess_lead(text, lead={"size": 50.0})
    assert (found.persona, found.excluded_by) == ("p10", "e10")
    assert assess_lead(text).persona is None


LEVEL = """
[scores.heat]
grades = { A = 20, B = 0 }
[[exclusions]]
id = "student"
when = "title = 'student'"
[[qualifications]]
id = "mql"
enter = "heat >= 20 and heat.grade = 'A'"
stay = "heat >= 10 or decision = 'accepted'"
""" + criterion('event = "seen"\npoints = 10')


@pytest.mark.parametrize(("count", "enters", "stays"), [(2, True, True), (1, False, True), (0, False, False)])
def test_entering_and_staying(count, enters, stays):
    found = assess_lead(LEVEL, *[seen(0)] * count)

    assert (found.qualifications["mql"], found.stays["mql"]) == (enters, stays)


def test_an_excluded_lead_keeps_its_scores_and_has_no_qualification():
    found = assess_lead(LEVEL, seen(0), seen(0), lead={"title": "student"})

    assert (found.scores["heat"].units, found.qualifications["mql"], found.stays["mql"]) == (200_000, False, False)


def test_unknown_is_not_true():
    text = '[[qualifications]]\nid = "mql"\nenter = "lead.size >= 3"\nstay = "lead.size < 3"\n'

    found = assess_lead(text)
    assert (found.qualifications["mql"], found.stays["mql"]) == (False, False)


def test_answers_are_read_by_qualifications():
    text = QUESTION + '[[qualifications]]\nid = "sql"\nenter = "answered_yes = 1 and budget = \'yes\'"\n'

    assert assess_lead(text, lead={"amount": 10.0}).qualifications["sql"] is True


def test_a_lead_without_consent_is_not_scored():
    text = SCORE + criterion('event = "seen"\npoints = 1')
    bound, _ = bind_playbook(read_playbook(HEAD + "needs_consent = true\n" + text)[0])
    as_of = BERLIN.end_of_day(day_number(TODAY))

    def excluded_by(**log) -> str | None:
        return assess(bound, LeadLog(lead_id="ann", **log), as_of).excluded_by

    assert excluded_by() == "consent"
    assert excluded_by(lead={"consent.scoring": "no"}) == "consent"
    assert excluded_by(facts=(fact("consent.scoring", "yes", 3),)) is None
    assert excluded_by(facts=(fact("consent.scoring", "yes", 3), fact("consent.scoring", "no", 1))) == "consent"


# -- what conditions can ask ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "condition",
    [
        "count('seen') = 3",
        "count('seen', '3d') = 2",
        "count('seen', '4d') = 3",
        "count('seen', '7d', path = '/a') = 1",
        "count('never') = 0",
        "active_days('seen') = 2",
        "active_days('*') = 3",
        "active_days('*', '1d') = 0",
        "days_since('seen') = 1",
        "days_since('never') is null",
        "days_since(renewal) = -5",
        "days_since(unheard_of) is null",
        "decision = 'recycled'",
        "reason = 'no-budget'",
        "deal = 'lost'",
        "days_since_outcome('accepted') = 9",
        "days_since_outcome('won') is null",
    ],
)
def test_what_a_condition_can_ask(condition):
    events = (seen(1, "09:00", path="/a"), seen(1, "10:00"), seen(3), seen(9, name="left"), seen(-1))
    outcomes = (
        outcome("accepted", 9),
        outcome("recycled", 3, reason="no-budget"),
        outcome("lost", 5),
        outcome("won", -1),
    )
    text = SCORE + criterion(f'when = "{condition}"\npoints = 1')

    found = assess_lead(text, *events, outcomes=outcomes, lead={"renewal": day_number(TODAY) + 5})

    assert found.contributions["c"].units == 10_000


def test_of_two_decisions_at_one_moment_the_greater_name_is_the_latest():
    text = SCORE + criterion("when = \"decision = 'rejected'\"\npoints = 1")

    assert heat(text[len(SCORE) :], outcomes=(outcome("rejected", 1), outcome("accepted", 1))) == "1"


def test_the_order_of_a_log_is_no_matter():
    text = criterion('event = "seen"\npoints = 10\ndecay = { linear = "10d" }\nlimit = { count = 1, per = "ever" }')
    events = [seen(3), seen(1), seen(5), seen(2)]

    assert heat(text, *events) == heat(text, *reversed(events)) == plain_points(int(Decimal(5) * 10_000))
