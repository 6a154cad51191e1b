"""`leadline publish` names the files as they were given to it, whatever the app calls them."""

import pytest
from click.testing import CliRunner
from tests.web.conftest import member
from tests.web.playbooks.conftest import CASES, TOML

from leadline.cli.main import main
from leadline.web.accounts.actions import name_approver
from leadline.web.accounts.models import Membership
from leadline.web.playbooks.models import Version


@pytest.fixture
def publish(northwind, tmp_path, monkeypatch):
    """Return a function that publishes two texts as ours.toml and borders.toml."""

    def run(toml, cases=CASES, *more):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "ours.toml").write_text(toml, encoding="utf-8")
        (tmp_path / "borders.toml").write_text(cases, encoding="utf-8")
        return CliRunner().invoke(main, ["publish", "ours.toml", "--cases", "borders.toml", *more])

    return run


def test_what_is_published_is_the_version_in_preparation(publish):
    done = publish(TOML)

    assert done.exit_code == 0, done.output
    assert Version.objects.get().toml == TOML


def test_problems_of_the_playbook_carry_its_own_name(publish):
    done = publish(TOML.replace("points = 30", "point = 30"))

    assert done.exit_code == 2
    assert "ours.toml:" in done.stderr and "playbook.toml" not in done.stderr
    assert not Version.objects.exists()


def test_problems_of_the_cases_carry_theirs(publish):
    done = publish(TOML, CASES.replace("expect", "expects"))

    assert done.exit_code == 2
    assert "borders.toml:" in done.stderr and "cases.toml:" not in done.stderr


def test_so_do_cases_that_fail(publish):
    done = publish(TOML, CASES.replace("fit = 30", "fit = 31"))

    assert done.exit_code == 1
    assert "borders.toml:" in done.stdout and "cases.toml:" not in done.stdout.replace("borders.toml", "")


def test_what_both_sides_have_to_approve_is_published_with_a_reason_only(publish, northwind):
    for name, side in (("Tom", "marketing"), ("Ines", "sales")):
        membership = Membership.objects.get(user=member(northwind, name, "manager"))
        name_approver(membership, marketing=side == "marketing", sales=side == "sales")
    assert publish(TOML).exit_code == 0  # the first needs none
    other = TOML.replace("points = 30", "points = 40")
    for_40 = CASES.replace("fit = 30", "fit = 40")

    refused = publish(other, for_40)
    assert refused.exit_code == 2
    assert "approval-needed" in refused.stderr
    assert "--without-approval" in refused.stderr
    done = publish(other, for_40, "--without-approval", "The form broke")
    assert done.exit_code == 0, done.output
    assert Version.objects.get(number=2).proposal.override == "The form broke"
