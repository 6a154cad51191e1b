"""What a playbook's text is told before anybody publishes it: problems beside their lines, warnings, and how its cases come out."""

from tests.web.playbooks.conftest import CASES, TOML

from leadline.web.playbooks.checking import check_texts


def test_a_usable_playbook_says_how_many_cases_pass():
    checked = check_texts(TOML, CASES)

    assert checked.is_usable
    assert (checked.cases, checked.passed) == (1, 1)
    assert checked.compiled is not None


def test_all_problems_are_told_at_once_beside_their_lines():
    checked = check_texts(TOML.replace("points = 30", "point = 30").replace("enter = ", "entre = "))

    assert not checked.is_usable
    assert {one.text for one in checked.problems} >= {"point = 30", 'entre = "fit >= 30"'}


def test_a_problem_of_the_cases_stands_beside_its_line_there():
    checked = check_texts(TOML, CASES.replace("expect", "expects"))

    assert all(one.is_of_cases for one in checked.problems)
    assert any(one.text.startswith("expects") for one in checked.problems)


def test_a_case_that_fails_makes_it_unusable_though_it_can_be_computed():
    checked = check_texts(TOML, CASES.replace("fit = 30", "fit = 31"))

    assert not checked.is_usable
    assert [one.name for one in checked.failed] == ["A visitor from Germany"]
    assert checked.compiled is not None


def test_what_is_most_likely_not_meant_is_a_warning():
    checked = check_texts(TOML.replace('why = "In a country where we have people"\n', ""))

    assert checked.is_usable
    assert [(one.problem.code, one.problem.severity, one.text) for one in checked.warnings] == [
        ("missing-key", "warning", "[[criteria]]")
    ]


def test_without_cases_none_is_run():
    assert check_texts(TOML, " \n").cases == 0
