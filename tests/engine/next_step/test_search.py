"""The smallest change: for drawn playbooks and logs, against trying out every set of candidates with the reference."""

from collections import Counter
from itertools import combinations_with_replacement

import pytest
from hypothesis import assume, given
from tests.parity.expected import ask_reference, describe
from tests.strategies import scenarios

from leadline.engine.next_step import find as finding
from leadline.engine.next_step.find import find_next_step, needs_for, next_level
from leadline.engine.next_step.model import KINDS
from leadline.engine.next_step.supposed import suppose
from leadline.engine.problems import ProblemsError
from leadline.engine.reference.assess import assess
from leadline.engine.reference.facts import resolve_facts

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


@pytest.mark.parity
@given(scenarios())
def test_no_smaller_and_no_earlier_set_of_changes_is_missed(scenario):
    try:
        expected = ask_reference(scenario)
    except ProblemsError:
        return
    bound, as_of, as_known = expected.bound, expected.as_of, scenario.as_known
    assume(bound.playbook.qualifications)
    for log in expected.logs:
        assessment = assess(bound, log, as_of, as_known=as_known)
        level = next_level(bound, assessment)
        if level is None or assessment.excluded_by is not None:
            assert find_next_step(bound, log, as_of, as_known=as_known) is None
            continue
        candidates = needs_for(bound, level, as_of.day).candidates.all

        def enters(places, log=log, level=level, candidates=candidates):
            supposed = suppose(log, [candidates[place] for place in places], as_of)
            return assess(bound, supposed, as_of, as_known=as_known).qualifications[level.id]

        all_sets = sets_in_order(candidates, open_to(bound, log, as_of, assessment, candidates, as_known))
        tried = all_sets[:MOST_SETS]
        first = next((places for places in tried if enters(places)), None)
        found = first_set(bound, log, as_of, as_known)
        if first is not None or len(tried) == len(all_sets):
            assert found == first, describe(scenario)
        if found is not None:
            assert enters(found), describe(scenario)
            assert find_next_step(bound, log, as_of, as_known=as_known).size == len(found)


def first_set(bound, log, as_of, as_known):
    """The set that was found, by its places."""
    noted = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            finding, "find_sets", lambda *args: noted.append(ORIGINAL(*args)) or noted[-1]
        )
        find_next_step(bound, log, as_of, as_known=as_known)
    return noted[0][0] if noted and noted[0] else None


ORIGINAL = finding.find_sets
