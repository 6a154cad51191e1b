"""A small shop: two people, three events, a playbook of two scores, and a case. And the starter with its data."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from leadline.cli.main import main
from leadline.starter import CASES, PLAYBOOK
from leadline.starter.generate import write

Run = Callable[..., Result]

FIRST_PLAYBOOK = """\
[playbook]
name = "first"
timezone = "Europe/Berlin"
grade = ["fit", "engagement"]

[scores.fit]
title = "Fit"
min = 0
max = 100
grades = { A = 50, B = 25, C = 0 }

[scores.engagement]
title = "Engagement"
min = 0
grades = { 1 = 30, 2 = 10, 3 = 0 }

[[criteria]]
id = "company-size"
score = "fit"
why = "A company of the size we serve"
when = "employees between 50 and 2000"
points = 30

[[criteria]]
id = "can-decide"
score = "fit"
why = "Decides about budgets"
when = "seniority in ('vp', 'c_level')"
points = 30

[[criteria]]
id = "pricing-page"
score = "engagement"
why = "Looked at prices"
event = "page_viewed"
when = "starts_with(path, '/pricing')"
points = 10
decay = { half_life = "14d" }
limit = { count = 1, per = "day" }

[questions.authority]
ask = "Can they decide?"
yes = "seniority in ('vp', 'c_level')"

[[personas]]
id = "leader"
when = "seniority = 'vp'"

[[exclusions]]
id = "intern"
when = "seniority = 'intern'"

[[qualifications]]
id = "mql"
enter = "fit >= 50 and engagement >= 10"
stay = "fit >= 40"
"""

LEADS = """\
lead_id,seniority,employees
ann,vp,320
bob,intern,12
cem,,900
"""

EVENTS = """\
lead_id,event,occurred_at,path
ann,page_viewed,2026-02-16T10:00:00Z,/pricing/teams
ann,page_viewed,2026-03-02T10:00:00Z,/pricing
bob,page_viewed,2026-03-01T09:00:00Z,/careers
dan,page_viewed,2026-03-01T09:00:00Z,/pricing
ann,page_viewed,last Tuesday,/pricing
"""

CASE = """\
[[case]]
name = "A vice president who looked at prices is an MQL"
as_of = 2026-03-02T18:00:00Z
lead = { seniority = "vp", employees = 320 }
events = [{ event = "page_viewed", days_ago = 0, time = "09:00", path = "/pricing" }]
expect = { scores = { fit = 60, engagement = 10 }, grade = "A2", qualifications = ["mql"] }
"""

TODAY = "2026-03-02"


@pytest.fixture
def run() -> Run:
    """Run a command as a person does, without a terminal."""

    def invoke(*words: str | Path, **settings: object) -> Result:
        return CliRunner().invoke(main, [str(word) for word in words], **settings)  # type: ignore[arg-type]

    return invoke


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small shop, in the working folder."""
    folder = tmp_path / "shop"
    folder.mkdir()
    for name, text in {
        "playbook.toml": FIRST_PLAYBOOK,
        "leads.csv": LEADS,
        "events.csv": EVENTS,
        "cases.toml": CASE,
    }.items():
        (folder / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture(scope="session")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The starter playbook with its cases and 200 leads, as `leadline init` writes them."""
    from datetime import date

    folder = tmp_path_factory.mktemp("starter")
    (folder / "playbook.toml").write_bytes(PLAYBOOK.read_bytes())
    (folder / "cases.toml").write_bytes(CASES.read_bytes())
    write(folder, date.fromisoformat(TODAY), leads=200)
    return folder


@pytest.fixture
def starter_inputs(starter: Path) -> list[str]:
    """The options that name the starter's data."""
    tables = ("leads", "companies", "events", "facts", "outcomes")
    return [word for table in tables for word in (f"--{table}", str(starter / f"{table}.csv"))]
