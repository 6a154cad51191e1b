"""The smallest change: for drawn playbooks and logs, against trying out every set of candidates with the reference."""

from collections import Counter
from itertools import combinations_with_replacement

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.parity.expected import ask_reference, describe
from tests.strategies import scenarios

from leadline.engine.calendar import get_zone
from leadline.engine.next_step import find as finding
from leadline.engine.next_step.find import find_next_step, needs_for, next_level
from leadline.engine.next_step.model import KINDS
from leadline.engine.next_step.search import find_sets
from leadline.engine.next_step.supposed import suppose
from leadline.engine.playbook.check import bind_playbook
from leadline.engine.playbook.load import read_playbook
from leadline.engine.problems import ProblemsError
from leadline.engine.reference.assess import assess
from leadline.engine.reference.facts import resolve_facts
from leadline.engine.reference.log import Event, LeadLog, ReportedOutcome

MOST_SETS = 3_000


def sets_in_order(candidates, open_places):
    """Every set of at most three candidates, as the docs order them: nothing is left out for being useless."""
    found = []
    for size in (1, 2, 3):
        of_size = []
        for places in combinations_with_replacement(open_places, size):
            keys = Counter(candidates[place].key for place in places)
            if any(key is not None and count > 1 for key, count in keys.items()):
                continue
            kinds = Counter(candidates[place].kind for place in places)
            of_size.append(((*(kinds[kind] for kind in reversed(KINDS)),), places))
        found += [places for _, places in sorted(of_size, key=lambda one: (one[0][:3], one[1]))]
    return found


def open_to(bound, log, as_of, assessment, candidates, as_known):
    """The candidates that a lead may be offered, by looking at each."""
    has_columns = not as_known or log.created_us is None or log.created_us <= as_of.until_us
    lead, company = (
        resolve_facts(
            columns if has_columns else {},
            facts,
            until_us=as_of.until_us,
            source_rank=bound.playbook.source_rank,
            as_known=as_known,
        )
        for columns, facts in ((log.lead, log.facts), (log.company, log.company_facts))
    )
    found = []
    for one in candidates:
        if one.field is not None and one.field.name in (company if one.field.scope == "company" else lead):
            continue
        if one.kind == "answer" and assessment.answers[one.field.name.removeprefix("questions.")] == one.value:
            continue
        found.append(one.place)
    return found


def hold_to_every_set(bound, log, as_of, as_known=False, shown=""):
    """Compare what is found with trying out every set; as many as there is time for, smallest first."""
    assessment = assess(bound, log, as_of, as_known=as_known)
    level = next_level(bound, assessment)
    if level is None or assessment.excluded_by is not None:
        assert find_next_step(bound, log, as_of, as_known=as_known) is None
        return None
    candidates = needs_for(bound, level, as_of.day).candidates.all

    def enters(places):
        supposed = suppose(log, [candidates[place] for place in places], as_of)
        return assess(bound, supposed, as_of, as_known=as_known).qualifications[level.id]

    all_sets = sets_in_order(candidates, open_to(bound, log, as_of, assessment, candidates, as_known))
    tried = all_sets[:MOST_SETS]
    first = next((places for places in tried if enters(places)), None)
    found = first_set(bound, log, as_of, as_known)
    if first is not None or len(tried) == len(all_sets):
        assert found == first, shown
    if found is not None:
        assert enters(found), shown
        assert find_next_step(bound, log, as_of, as_known=as_known).size == len(found)
    return found


@pytest.mark.parity
@given(scenarios())
def test_no_smaller_and_no_earlier_set_of_changes_is_missed(scenario):
    try:
        expected = ask_reference(scenario)
    except ProblemsError:
        return
    assume(expected.bound.playbook.qualifications)
    for log in expected.logs:
        hold_to_every_set(expected.bound, log, expected.as_of, scenario.as_known, describe(scenario))


@pytest.mark.parity
@given(st.data())
def test_where_points_must_add_up_the_smallest_set_is_found_too(data):
    text = data.draw(playbooks_of_points())
    log = data.draw(small_logs())
    bound, _ = bind_playbook(read_playbook(text)[0])
    hold_to_every_set(bound, log, AS_OF, shown=f"{text}\n{log}")


# -- playbooks in which several things must come together --------------------------------------------------

AS_OF = get_zone("UTC").end_of_day(20_000)
POINTS = st.sampled_from((-10, -5, 5, 10, 10, 15, 20))
ATOMS = (
    "a = 'x'", "a <> 'x'", "a in ('x', 'y')", "a is null", "b = 'x'", "b = 'y' or c", "c", "not c", "c is not true", "d >= 5",
    "d < 2", "d between 2 and 7", "days_since(e) <= 3", "count('v', '7d') >= 2", "count('w') = 0", "active_days('*') >= 1",
    "days_since('w') > 2", "company.a = 'x'", "decision = 'accepted'", "deal is not null", "a = 'x' and b = 'x'", "a = b",
)  # fmt: skip
LEVELS = (
    "fit >= 20 and heat >= 15", "fit > 25", "heat >= 20", "heat >= 10 and fit.grade in ('A', 'B')", "total >= 35",
    "(fit >= 30 or heat >= 25) and a is not null", "fit >= 15 and answered_yes >= 1", "answered_yes >= 2",
    "money <> 'no' and heat >= 5 and fit >= 5", "decision = 'accepted' and fit >= 10", "fit between 15 and 25 and heat < 30",
    "fit.grade = 'B'", "total >= 20 and not (d < 2)", "deal in ('opportunity', 'churned') and heat >= 10",
    "days_since_outcome('evangelist') <= 5 and fit >= 5", "heat >= 15", "heat >= 12 and c", "deal = 'opportunity' or heat >= 10",
    "(decision = 'accepted' and fit >= 10) or heat >= 20", "fit >= 20 and need = 'partly'",
    "reason = 'told' and heat < 10 and fit >= 5", "reason = 'told' and heat >= 5",
)  # fmt: skip


@st.composite
def playbooks_of_points(draw):
    """A playbook with few names and many ways in which criteria meet."""
    typed = {"a": "text", "b": "text", "c": "boolean", "d": "number", "e": "date", '"company.a"': "text"}
    fields = "".join(f"{name} = {{ type = '{kind}' }}\n" for name, kind in typed.items())
    lines = [f"[playbook]\nname = 'points'\n[fields]\n{fields}"]
    for score in ("fit", "heat"):
        low, high = draw(st.sampled_from((None, 0, -10))), draw(st.sampled_from((None, 30, 50)))
        bounds = "".join(f"{name} = {bound}\n" for name, bound in (("min", low), ("max", high)) if bound is not None)
        lines.append(f"[scores.{score}]\n{bounds}" + ("grades = { A = 25, B = 10, C = 0 }" if score == "fit" else ""))
    lines.append("[scores.total]\nsum_of = ['fit', 'heat']")
    for number in range(draw(st.integers(2, 5))):
        lines.append(
            f"[[criteria]]\nid = 'f{number}'\nscore = '{draw(st.sampled_from(('fit', 'fit', 'heat')))}'\nwhy = 'w'"
        )
        if draw(st.booleans()):
            lines.append(f'when = "{draw(st.sampled_from(ATOMS))}"\npoints = {draw(POINTS)}')
        else:
            entries = draw(st.lists(st.tuples(st.sampled_from(ATOMS), POINTS), min_size=1, max_size=3))
            said = ", ".join(f'{{ when = "{when}", points = {points} }}' for when, points in entries)
            lines.append(f"choose = [{said}]")
    for number in range(draw(st.sampled_from((0, 1, 1, 2)))):
        lines.append(
            f"[[criteria]]\nid = 'e{number}'\nscore = '{draw(st.sampled_from(('fit', 'heat', 'heat')))}'\nwhy = 'w'"
        )
        lines.append(f"event = '{draw(st.sampled_from('vw'))}'\npoints = {draw(POINTS)}")
        lines += draw(st.sampled_from(([], ["when = \"k = 'x'\""], ["when = \"k <> 'y'\""])))
        lines += draw(
            st.sampled_from(([], ["limit = { count = 1, per = 'day' }"], ["limit = { count = 2, per = 'ever' }"]))
        )
        lines += draw(st.sampled_from(([], ["max = 15"], ["max = 15"], ["min = -5"], ["decay = { half_life = '7d' }"])))
    if draw(st.booleans()):
        lines.append("[[criteria]]\nid = 'quiet'\nscore = 'heat'\nwhy = 'w'\ninactive_for = '3d'\nactivity = ['v']")
        lines.append(f"points = {draw(POINTS)}")
    for event in draw(st.sampled_from(((), (), ("w",), ("v",)))):
        lines.append(f"[[resets]]\nevent = '{event}'\nscores = ['heat']")
    for wiped in draw(st.sampled_from(((), (), ("heat",), ("fit", "heat")))):
        lines.append(
            f"[[outcomes.accepted.reasons]]\nid = 'Told{'' if wiped == 'heat' else '-us'}'\nreset = ['{wiped}']"
        )
    for question in ("money", "need"):
        lines.append(f"[questions.{question}]\nask = '{question}?'")
        for answer in draw(st.sets(st.sampled_from(("yes", "partly", "no")), max_size=2)):
            lines.append(f'{answer} = "{draw(st.sampled_from(ATOMS))}"')
    for number in range(draw(st.sampled_from((0, 0, 1)))):
        lines.append(f'[[exclusions]]\nid = "x{number}"\nwhy = "w"\nwhen = "{draw(st.sampled_from(ATOMS))}"')
    lines.append(f'[[qualifications]]\nid = "mql"\nenter = "{draw(st.sampled_from(LEVELS))}"')
    return "\n".join(lines) + "\n"


@st.composite
def small_logs(draw):
    """A lead of whom little is known."""
    fields = {"a": ("x", "y", "z"), "b": ("x", "y"), "c": (True, False), "d": (1.0, 3.0, 9.0), "e": (19_999, 19_000)}
    known = draw(st.sets(st.sampled_from(sorted(fields)), max_size=3))
    day_us = 86_400_000_000
    days = st.sampled_from((20_000, 19_999, 19_995, 19_900))
    events = draw(st.lists(st.tuples(st.sampled_from("vw"), days, st.sampled_from((None, "x", "y"))), max_size=4))
    outcomes = draw(st.lists(st.tuples(st.sampled_from(("accepted", "won", "rejected")), days), max_size=1))
    return LeadLog(
        lead_id="ann",
        lead={name: draw(st.sampled_from(fields[name])) for name in sorted(known)},
        events=tuple(
            Event(name=name, at_us=day * day_us, properties={} if kind is None else {"k": kind})
            for name, day, kind in events
        ),
        outcomes=tuple(ReportedOutcome(outcome=name, at_us=day * day_us) for name, day in outcomes),
    )


def first_set(bound, log, as_of, as_known):
    """The set that was found, by its places."""
    noted = []

    def note(*args):
        found = yield from find_sets(*args)
        noted.append(found)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finding, "find_sets", note)
        find_next_step(bound, log, as_of, as_known=as_known)
    return noted[0][0][0] if noted and noted[0] else None
