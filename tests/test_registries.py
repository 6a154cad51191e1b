"""What belongs together is there together.

Each registry (problem codes, functions, kinds of criteria, backends, dialects, examples) has its documentation and its
tests. A recipe in CONTRIBUTING.md ends with the name of the test here that stays red until the work is complete.
"""

import importlib
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

PROJECT = Path(__file__).resolve().parent.parent
ENGINE = PROJECT / "src/leadline/engine"
TESTS = "\n".join(
    path.read_text(encoding="utf-8")
    for path in sorted((PROJECT / "tests").rglob("*.*"))
    if path.suffix in {".py", ".toml"}
)
EXAMPLES = sorted(
    path for path in (PROJECT / "examples").glob("*") if path.is_dir() and not path.name.startswith((".", "_"))
)


@pytest.fixture(scope="module")
def language() -> str:
    """The reference of the language, as people read it."""
    return (PROJECT / "docs/playbook.md").read_text(encoding="utf-8")


def test_every_problem_code_is_told_by_something_tested_and_explained(language: str) -> None:
    codes = importlib.import_module("leadline.engine.problems").CODES
    package = ENGINE.parent
    source = "\n".join(path.read_text(encoding="utf-8") for path in package.rglob("*.py") if path.name != "problems.py")

    assert not [code for code in codes if f'"{code}"' not in source], "told by nothing"
    assert not [code for code in codes if f'"{code}"' not in TESTS], "no test asserts on it"
    assert not [code for code in codes if f"`{code}`" not in language], "not in docs/playbook.md"


def test_every_function_and_word_of_the_condition_language_is_tested_and_explained(language: str) -> None:
    bind = importlib.import_module("leadline.engine.expressions.bind")
    calls = (*bind.FUNCTIONS, *bind.TESTS)
    words = (*calls, *bind.HISTORY_WORDS, "answered_yes")

    assert not [word for word in words if f"`{word}" not in language], "not in docs/playbook.md"
    assert not [call for call in calls if not re.search(rf"(?<![.\w]){call}\(", TESTS)], "no test uses it"
    assert not [word for word in bind.HISTORY_WORDS if not re.search(rf"\b{word}\b", TESTS)], "no test uses it"


def test_every_kind_of_criterion_is_compiled_evaluated_said_and_explained(language: str) -> None:
    """`match` finds a kind that one module forgot; this finds a module that forgot to look."""
    model = importlib.import_module("leadline.engine.playbook.model")
    kinds = [kind.__name__ for kind in model.Criterion.__subclasses__()]
    places = {name: read_package(name) for name in ("compiler", "reference", "explanation")}
    places["playbook/words"] = read_package("playbook/words")

    silent = [f"{kind} in {place}" for kind in kinds for place, text in places.items() if kind not in text]

    assert kinds
    assert not silent
    assert not [key for key in ("`when`", "`choose`", "`event`", "`inactive_for`") if key not in language]


def test_every_decay_is_tested_and_explained(language: str) -> None:
    arithmetic = importlib.import_module("leadline.engine.arithmetic")
    decays = [decay.__name__ for decay in arithmetic.Decay.__args__]

    assert not [decay for decay in decays if decay not in TESTS]
    assert not [key for key in ("half_life", "linear", "step") if f"`{key}" not in language]


def test_every_backend_passes_the_shared_contract() -> None:
    backends = [path.stem for path in (ENGINE / "backends").glob("*") if path.stem in {"duckdb", "postgres", "spark"}]
    held = "\n".join(
        text
        for path in (PROJECT / "tests").rglob("test_*.py")
        if "check_backend" in (text := path.read_text(encoding="utf-8"))
    )

    assert sorted(backends) == ["duckdb", "postgres", "spark"]
    assert not [name for name in backends if name not in held], "no test calls check_backend for it"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_every_example_is_complete_and_its_cases_hold(example: Path) -> None:
    main = importlib.import_module("leadline.cli.main")

    result = CliRunner().invoke(main.main, ["test", str(example / "playbook.toml")])

    assert (example / "cases.toml").is_file()
    assert result.exit_code == 0, result.output
    assert f"({example.name}" in (PROJECT / "examples/README.md").read_text(encoding="utf-8"), (
        "examples/README.md links to each"
    )


def test_there_are_examples() -> None:
    assert EXAMPLES


def read_package(name: str) -> str:
    """Return the source of a module or package of the engine as one text."""
    folder, module = ENGINE / name, ENGINE / f"{name}.py"
    paths = sorted(folder.rglob("*.py")) if folder.is_dir() else [module]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths if path.exists())
