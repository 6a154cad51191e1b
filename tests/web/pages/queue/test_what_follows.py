"""Before one presses, the dialog that sends back says what follows: beside an outcome what always does, beside each reason the rest."""

from leadline.engine.playbook.load import read_playbook
from leadline.web.handoff.actions.deciding import decisions_of
from leadline.web.pages.templatetags.pages import follows

TOML = """
[playbook]
name = "p"
[scores.engagement]
[outcomes.recycled]
reset = ["engagement"]
quiet = "30d"
[[outcomes.recycled.reasons]]
id = "later"
[[outcomes.recycled.reasons]]
id = "wrong-person"
reset = []
owner = "new"
[[outcomes.rejected.reasons]]
id = "gone"
reset = ["engagement"]
returns = "never"
"""


def test_each_reason_says_what_it_wipes_and_an_outcome_only_what_follows_whichever_is_chosen():
    said = {}
    for decision in decisions_of(read_playbook(TOML)[0]):
        said[decision.id] = [follows(decision), *(follows(decision, one) for one in decision.reasons)]

    assert said["recycled"] == ["quiet for 30 days", "engagement counts from nothing", "goes to a new owner"]
    assert said["rejected"] == ["engagement counts from nothing; never comes back", ""]
