"""Of a person who is erased no what-if keeps anything, also none that is being found out; and what it names is theirs to have."""

import pytest
from tests.web.assessments.whatif.conftest import LIVE, make_draft, run_to_the_end

from leadline.web.assessments.models import WhatIf
from leadline.web.assessments.whatif import run
from leadline.web.assessments.whatif.actions import ask
from leadline.web.assessments.whatif.subjects import erase_from_whatifs, find_named
from leadline.web.leads import erasure
from leadline.web.leads.erasure import also_erase, erase_person
from leadline.web.leads.models import Lead
from leadline.web.leads.subject import get_subject

EDITED = LIVE.replace("heat >= 40", "heat >= 15").replace("points = 25", "points = 5")

pytestmark = pytest.mark.usefixtures("version", "people", "in_parts")


@pytest.fixture(autouse=True)
def _erased_too(monkeypatch):
    monkeypatch.setattr(erasure, "_erasers", dict(erasure._erasers))
    also_erase("what-ifs", erase_from_whatifs)


@pytest.fixture
def whatif(northwind, now):
    return ask(make_draft(northwind, EDITED, now), by=None, now=now)


def named_ids():
    named = WhatIf.objects.get().named
    lists = [*named["gained"].values(), *named["lost"].values(), named["grades"], named["stages"]]
    return {one["lead_id"] for some in lists for one in some}


def test_who_is_erased_is_named_nowhere_and_counted_on(whatif, now):
    run_to_the_end(now)
    before, counts = named_ids(), WhatIf.objects.get().counts
    gone, stays = sorted(before)[:2]

    erased = erase_person(Lead.objects.get(pk=gone), by=None, now=now)

    assert named_ids() == before - {gone}
    assert stays in named_ids()
    assert erased.counts["names in what-ifs"] > 0
    assert WhatIf.objects.get().counts == counts


def test_a_worker_that_has_read_an_erased_lead_does_not_store_it(whatif, now, monkeypatch):
    """Somebody is erased between the reading of a part and its storing, and another whom an earlier part had named."""
    run.run_whatifs(now=now, seconds=0)
    named_before = min(named_ids())
    count = run.Tally.count
    erased = []

    def too_late(self, pairs, sides):
        moved = [pair.after.lead_id for pair in pairs if pair.moves]
        if not erased and moved:
            erased.extend([moved[0], named_before])
            for pk in erased:
                erase_person(Lead.objects.get(pk=pk), by=None, now=now)
        count(self, pairs, sides)

    monkeypatch.setattr(run.Tally, "count", too_late)
    run_to_the_end(now)

    assert len(erased) == 2
    assert WhatIf.objects.get().state == "done"
    assert named_ids()
    assert not named_ids() & set(erased)


def test_what_is_named_of_a_person_is_theirs_to_have(whatif, now):
    run_to_the_end(now)
    named = WhatIf.objects.get().named
    (level, entries), *_ = named["gained"].items()
    said = find_named(get_subject(Lead.objects.get(pk=entries[0]["lead_id"])))

    assert {"whatif": whatif.pk, "as_of": now.isoformat(), "about": f"gained {level}", **entries[0]} in said
    assert {one["lead_id"] for one in said} == {entries[0]["lead_id"]}
