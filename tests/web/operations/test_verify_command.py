"""`leadline verify` and `leadline publish`, as somebody types them."""

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner
from tests.web.assessments.conftest import *  # noqa: F403 - the people of these stories
from tests.web.assessments.conftest import PLAYBOOK, settle

from leadline.cli.publish import publish as publish_command
from leadline.cli.verify import verify
from leadline.web.assessments.models import Assessment
from leadline.web.playbooks.models import Version

CASE = """
[[case]]
name = "A visitor from Germany"
as_of = 2026-03-01
[case.lead]
country = "DE"
[case.expect.scores]
fit = {fit}
"""


def run(command, *arguments):
    return CliRunner().invoke(command, [str(one) for one in arguments])


@pytest.fixture
def stored(live, ada, now):
    ada.does("demo_requested", ago=timedelta(hours=1))
    settle(now)
    return live


def test_what_agrees_is_said_in_one_line(stored):
    said = run(verify)

    assert said.exit_code == 0
    assert "northwind: 1 assessment computed again: all as it follows from the log" in said.output


def test_what_does_not_agree_is_named_and_the_exit_code_says_so(stored, ada):
    Assessment.objects.update(grade="C9")

    said = run(verify)
    record = json.loads(run(verify, "--json").stdout)

    assert said.exit_code == 1
    assert f"lead {ada.lead.pk}: assessment grade (version 1): stored C9, follows B1" in said.output
    assert record["clean"] is False
    assert record["workspaces"][0]["mismatches"][0]["column"] == "grade"


def test_repair_lets_the_worker_assess_anew(stored, now):
    Assessment.objects.update(grade="C9")

    assert run(verify, "--repair").exit_code == 1
    settle(now + timedelta(hours=1))

    assert run(verify, "--naive").exit_code == 0


def test_a_workspace_that_is_not_there_is_told_with_the_nearest(northwind):
    said = run(verify, "--workspace", "northwint")

    assert said.exit_code == 2
    assert "Did you mean 'northwind'?" in said.output


def test_a_playbook_is_published_with_the_cases_beside_it(northwind, tmp_path):
    path = tmp_path / "playbook.toml"
    path.write_text(PLAYBOOK, encoding="utf-8")
    (tmp_path / "cases.toml").write_text(CASE.format(fit=30), encoding="utf-8")

    said = run(publish_command, path, "--note", "the first")

    assert said.exit_code == 0, said.output
    version = Version.objects.get()
    assert (version.toml, version.note, version.state) == (PLAYBOOK, "the first", "preparing")
    assert "A visitor from Germany" in version.cases
    again = run(publish_command, path)
    assert (again.exit_code, Version.objects.count()) == (0, 1)
    assert "nothing was published" in again.output


def test_a_case_that_fails_stops_a_playbook(northwind, tmp_path):
    path = tmp_path / "playbook.toml"
    path.write_text(PLAYBOOK, encoding="utf-8")
    (tmp_path / "cases.toml").write_text(CASE.format(fit=99), encoding="utf-8")

    said = run(publish_command, path)

    assert said.exit_code == 1
    assert "expected  99" in said.output
    assert not Version.objects.exists()


def test_a_playbook_that_cannot_be_read_is_told_with_all_its_lines(northwind, tmp_path):
    path = tmp_path / "playbook.toml"
    path.write_text(PLAYBOOK.replace("points = 30", "point = 30").replace("heat >= 40", "heet >= 40"), encoding="utf-8")

    said = run(publish_command, path)

    assert said.exit_code == 2
    assert "unknown-key" in said.output
    assert "missing-key" in said.output
    assert not Version.objects.exists()
