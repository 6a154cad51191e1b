"""The readme's own files give in the app what they give on the command line."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.utils import timezone

from leadline.cli.main import main
from leadline.web.assessments.models import Assessment
from leadline.web.operations.demo import assess_demo

README = Path(__file__).resolve().parents[4] / "README.md"


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Write the files of *Five minutes with your own leads* down, with events of late in place of those of a year long gone."""
    monkeypatch.chdir(tmp_path)
    moved = (timezone.now() - timedelta(hours=1)).isoformat(timespec="seconds")
    text = README.read_text(encoding="utf-8")
    for name, content in re.findall(r"cat > (\w+\.\w+) <<'END'\n(.*?)END\n", text, re.DOTALL):
        Path(name).write_text(content.replace("2026-03-02T15:00:00Z", moved), encoding="utf-8")


def test_the_points_of_the_readme_are_given_in_the_app_too(northwind, files):
    typed = CliRunner()
    said = [
        typed.invoke(main, ["import", "leads.csv", "--table", "leads"]),
        typed.invoke(main, ["import", "events.csv", "--table", "events"]),
        typed.invoke(main, ["publish", "playbook.toml"]),
    ]
    assess_demo()

    assert [one.exit_code for one in said] == [0, 0, 0], [one.output for one in said]
    scores = {one.lead.name: one.scores for one in Assessment.objects.select_related("lead")}
    fit = {name: one["fit"] for name, one in scores.items()}
    assert fit == {"Ann Lee": 60_0000, "Bob Roy": 0, "Cem Kaya": 30_0000}
    assert scores["Ann Lee"]["engagement"] >= 20_0000
