"""Values that no condition tells apart are one class, and each code counts for what the reference says."""

from leadline.engine.calendar import day_number
from leadline.engine.compiler.codes import Cut, make_codes
from leadline.engine.compiler.packing import COUNTERS_A_SUM, SLOT_BITS, pack_days, pack_features
from leadline.engine.compiler.plan import Plan, make_plan
from leadline.engine.expressions.nodes import Field
from leadline.engine.playbook.check import bind_playbook
from leadline.engine.playbook.load import read_playbook

TODAY = 20_000
PATH, SECONDS = Field("event", "path", "text"), Field("event", "seconds", "number")


def plan_of(*criteria: str) -> Plan:
    """Return the plan of a playbook with these criteria on the event ``view``."""
    text = (
        '[playbook]\nname = "codes"\n[events.view]\nproperties = { path = "text", seconds = "number" }\n[scores.all]\n'
    )
    for number, rest in enumerate(criteria):
        text += f'[[criteria]]\nid = "c{number}"\nscore = "all"\nwhy = "x"\nevent = "view"\npoints = 1\n{rest}\n'
    return make_plan(bind_playbook(read_playbook(text)[0])[0])


def test_texts_that_no_condition_tells_apart_are_one_class() -> None:
    plan = plan_of("when = \"starts_with(path, '/p')\"", "when = \"path = '/pricing'\"")

    codes = make_codes(plan, ["view"], {PATH: ["/pricing", "/a", "/product", "/b"]}, TODAY)

    assert codes is not None
    assert codes.classes[0].of == {"/pricing": 1, "/a": 2, "/product": 3, "/b": 2}
    assert {code.code: code.tallies for code in codes.codes} == {1: (0, 1), 3: (0,)}


def test_numbers_part_where_conditions_part_them() -> None:
    plan = plan_of('when = "seconds between 10 and 20"', 'when = "seconds = 10"')

    codes = make_codes(plan, ["view"], {}, TODAY)

    assert codes is not None
    assert codes.classes[0].cuts == (Cut(10.0, True), Cut(10.0, False), Cut(20.0, False))
    assert [code.tallies for code in codes.codes] == [(0, 1), (0,)]


def test_a_missing_value_matches_only_what_asks_for_it() -> None:
    plan = plan_of("when = \"not path = '/a'\"", 'when = "path is null"')

    codes = make_codes(plan, ["view"], {PATH: ["/a", "/b"]}, TODAY)

    assert codes is not None
    assert {code.code: code.tallies for code in codes.codes} == {0: (1,), 2: (0,)}


def test_an_event_matters_from_the_first_day_that_anything_asks_for() -> None:
    plan = plan_of('within = "10d"\nwhen = "seconds > 5"', 'within = "30d"')

    codes = make_codes(plan, ["view"], {}, TODAY)

    assert codes is not None
    assert codes.events[0].first_day == TODAY - 29


def test_a_limit_over_a_week_reaches_back_to_monday() -> None:
    from datetime import date

    sunday = day_number(date(2026, 3, 29))
    plan = plan_of('within = "1d"\nlimit = { count = 1, per = "week" }')

    codes = make_codes(plan, ["view"], {}, sunday)

    assert codes is not None
    assert codes.events[0].first_day == day_number(date(2026, 3, 23))


def test_a_limit_for_ever_and_no_decay_reach_back_to_the_beginning() -> None:
    for rest in ('within = "1d"\nlimit = { count = 1, per = "ever" }', ""):
        codes = make_codes(plan_of(rest), ["view"], {}, TODAY)

        assert codes is not None
        assert codes.events[0].first_day is None


def test_too_many_codes_are_refused() -> None:
    tests = [f"when = \"path = '{number}' and seconds > {number}\"" for number in range(200)]

    assert make_codes(plan_of(*tests), ["view"], {PATH: [str(number) for number in range(200)]}, TODAY) is None


def test_features_lie_side_by_side_and_fit() -> None:
    plan = plan_of(*(f'within = "{days}d"\nlimit = {{ count = {days}, per = "day" }}' for days in range(1, 30)))

    places = pack_features(plan, 700)
    days = pack_days(plan)

    assert len(places) == len(plan.features)
    for number in {place.number for place in places.values()}:
        taken = sorted((one.shift, one.bits) for one in places.values() if one.number == number)
        ends = [0, *(shift + bits for shift, bits in taken)]
        assert [shift for shift, _ in taken] == ends[:-1]
        assert ends[-1] <= SLOT_BITS
    assert len(days.masks) + len(days.sums) == len(plan.tallies)
    assert days.sum_count == -(-len(days.sums) // COUNTERS_A_SUM)
