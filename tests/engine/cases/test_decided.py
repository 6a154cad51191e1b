"""What the language left open is decided by cases, and each is told in docs/playbook.md."""

import re
import tomllib
from decimal import Decimal
from pathlib import Path

from leadline.engine.arithmetic import HalfLife, Linear, NoDecay, Step, weight
from leadline.engine.cases import run_cases
from leadline.engine.playbook.load import read_playbook

PROJECT = Path(__file__).resolve().parents[3]
DECIDED = Path(__file__).parent / "decided"
PAGE = (PROJECT / "docs/playbook.md").read_text(encoding="utf-8")


def test_every_decision_holds():
    results = run_cases(DECIDED / "playbook.toml")

    assert not [line for result in results if not result.passed for line in result.lines()]


def test_every_decision_is_told_and_every_one_that_is_told_has_its_case():
    names = [result.name for result in run_cases(DECIDED / "playbook.toml")]
    table = PAGE.partition("## What we decided")[2].partition("## Problems")[0]

    assert re.findall(r"^\| ([A-Z][^|]+?) \|", table, flags=re.MULTILINE) == names


def test_the_examples_of_the_page_are_playbooks_and_cases():
    blocks = re.findall(r"^```toml\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)

    assert len(blocks) > 15
    for block in blocks:
        if block.startswith("[[case]]"):
            assert tomllib.loads(block)["case"]
        else:
            read_playbook(block if "[playbook]" in block else f'[playbook]\nname = "x"\n{block}')


def test_the_table_of_decays_is_what_is_computed():
    decays = [NoDecay(), HalfLife(14), Linear(60), Step(Decimal("0.15"), 45)]
    rows = re.findall(r'^\| `(?:"none"|\{ (?:half_life|linear|step) .*?)` \| .*? \| (.*) \|$', PAGE, flags=re.MULTILINE)

    shown = [[Decimal(cell) * 10_000 for cell in row.split(" | ")] for row in rows]
    assert shown == [[weight(Decimal(10), decay, age) for age in (0, 7, 14, 28, 45, 90)] for decay in decays]


def test_the_case_of_the_page_holds_for_its_first_playbook(tmp_path):
    blocks = re.findall(r"^```toml\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)
    case = next(block for block in blocks if block.startswith("[[case]]"))
    case = case.replace('reason = "no-budget", ', "")  # the first playbook has no reasons
    (tmp_path / "playbook.toml").write_text(blocks[0], encoding="utf-8")
    (tmp_path / "cases.toml").write_text(case, encoding="utf-8")

    (result,) = run_cases(tmp_path / "playbook.toml")

    assert result.passed, "\n".join(result.lines())
