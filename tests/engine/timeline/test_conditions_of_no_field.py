"""A condition may read nothing at all: ``true`` gives everybody the same, in arrays as in the reference."""

import numpy as np
import pytest

from leadline.engine.calendar import get_zone
from leadline.engine.cells.assess import CellAssessments
from leadline.engine.compiler.plan import make_plan
from leadline.engine.playbook.check import bind_playbook
from leadline.engine.playbook.load import read_playbook
from leadline.engine.reference.assess import assess
from leadline.engine.reference.read import read_logs
from leadline.engine.timeline.from_logs import known_from_logs
from leadline.engine.timeline.inputs import TimelineInputs
from leadline.engine.timeline.moments import cells_at
from leadline.engine.timeline.reach import Reach

PLAYBOOK = """
[playbook]
name = "everybody"

[scores.fit]

[[criteria]]
id = "all"
score = "fit"
why = "Everybody"
when = "{when}"
points = 7

[[qualifications]]
id = "mql"
enter = "fit >= 5"
"""


@pytest.mark.parametrize("when", ["true", "false", "not false", "country = 'DE' or true"])
def test_a_condition_that_reads_no_field_means_the_same_in_arrays(when):
    bound, _ = bind_playbook(read_playbook(PLAYBOOK.format(when=when))[0])
    plan, zone = make_plan(bound), get_zone("UTC")
    logs = read_logs(bound, {"leads": [{"lead_id": name, "created_at": "2026-01-01"} for name in "ab"]}).logs
    known, moment = known_from_logs(plan, logs), zone.moment(1_780_000_000_000_000)
    now = cells_at(zone, 2, np.arange(2), np.full(2, moment.until_us))

    scores = CellAssessments(TimelineInputs(plan, known, now, {})).score("fit").values.tolist()

    expected = [assess(bound, log, moment).scores["fit"].units for log in logs]
    assert scores == expected
    assert Reach(plan, known).may_begin().tolist() == [units >= 50_000 for units in expected]
