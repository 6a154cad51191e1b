"""Why a lead moves, in the words of what was changed."""

from tests.web.assessments.whatif.conftest import LIVE

from leadline.web.assessments.whatif.telling import Why
from leadline.web.pages.whatif.reasons import Reasons
from leadline.web.playbooks.changed import say_changes
from leadline.web.playbooks.queries import compile_toml

RAISED = LIVE.replace('cooldown = "14d"\n', 'cooldown = "14d"\nhand_raise = ["demo_requested", "quote_requested"]\n')


def say(before, after, why):
    return Reasons(compile_toml(before), compile_toml(after)).say(why)


def test_what_a_raised_hand_does_no_more_is_named_as_the_list_of_changes_names_it():
    after = RAISED.replace('"demo_requested", ', "")
    said = say(RAISED, after, Why("condition", "mql"))
    assert said == "A hand is no longer raised by “demo requested”"
    listed = say_changes(RAISED, after).parts[0].changes[0].text
    assert listed == f"a{said[1:]}."


def test_several_changes_beside_the_conditions_are_all_named():
    after = RAISED.replace('"demo_requested", ', "").replace('"14d"', '"30d"')
    said = say(RAISED, after, Why("condition", "mql"))
    assert said.startswith("A hand is no longer raised by “demo requested”; quiet for 30 days")


def test_a_condition_to_enter_is_still_said_itself():
    assert say(LIVE, LIVE.replace("heat >= 40", "heat >= 10"), Why("condition", "mql")).startswith("Enters when")
