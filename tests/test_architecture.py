"""The rules of the house that no type checker knows. Each is also a sentence in ARCHITECTURE.md."""

import ast
import importlib
import inspect
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import leadline

PROJECT = Path(__file__).resolve().parent.parent
SOURCE = PROJECT / "src"
MODULES = sorted(path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts)
LONGEST_FILE = 450

# What asks the machine for the time. `perf_counter` and `monotonic` are not here: they measure how long
# something took and cannot say what day it is.
CLOCKS = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {"time", "time_ns", "localtime", "gmtime", "ctime", "strftime"},
}


def name_of(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def run_here(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run *command* in the project with a fresh interpreter, which has imported nothing yet."""
    environment = os.environ | {"PYTHONPATH": str(SOURCE)}
    return subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)


def find_clock_reads(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and text of each expression that asks for the present moment."""
    tree = ast.parse(source)
    renamed: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            renamed |= {alias.asname or alias.name: alias.name for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in CLOCKS:
            for alias in node.names:
                if alias.name in CLOCKS[node.module]:
                    yield node.lineno, f"from {node.module} import {alias.name}"
        if isinstance(node, ast.Attribute):
            match node.value:
                case ast.Name(id=owner) | ast.Attribute(attr=owner):
                    if node.attr in CLOCKS.get(renamed.get(owner, owner), ()):
                        yield node.lineno, ast.unparse(node)
                case _:
                    pass


def test_imports_go_down_only() -> None:
    run = run_here([str(Path(sys.executable).with_name("lint-imports")), "--no-logo"])

    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize(
    "source",
    [
        "import datetime\ndatetime.datetime.now()",
        "import datetime as dt\ndt.datetime.now(dt.UTC)",
        "from datetime import datetime as d\nd.now()",
        "from datetime import date\nf = date.today",
        "import time\ntime.time()",
        "import time as t\nt.time_ns()",
        "from time import time",
    ],
)
def test_a_clock_is_found_under_every_name(source: str) -> None:
    assert list(find_clock_reads(source))


def test_measuring_how_long_something_took_is_no_clock() -> None:
    assert not list(
        find_clock_reads("import time\ntime.perf_counter()\nfrom datetime import datetime\ndatetime(2026, 1, 1)")
    )


def test_the_engine_reads_no_clock() -> None:
    reads = [
        f"{path.relative_to(PROJECT)}:{line}: {text}"
        for path in (SOURCE / "leadline/engine").rglob("*.py")
        for line, text in find_clock_reads(path.read_text(encoding="utf-8"))
    ]

    assert not reads, "as_of is an argument everywhere; only the command line may ask what time it is:\n" + "\n".join(
        reads
    )


def test_no_file_is_too_long_to_read() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}

    too_long = [f"{path.relative_to(PROJECT)}: {lines}" for path, lines in lengths.items() if lines > LONGEST_FILE]

    assert not too_long, f"at most {LONGEST_FILE} lines; say in two files what two files are about:\n" + "\n".join(
        too_long
    )


def test_no_file_is_named_after_nothing() -> None:
    vague = re.compile(r"^_?(utils?|helpers?|common|misc|manager|handlers?|processors?)$")

    assert not [path for path in MODULES if vague.match(path.stem)]


def test_importing_leadline_loads_no_heavy_package() -> None:
    heavy = ["duckdb", "sqlglot", "lark", "pandas", "polars", "pyarrow", "psycopg", "pyspark", "click", "rich"]
    program = f"import sys, leadline; print(*sorted(set({heavy}) & set(sys.modules)))"

    run = run_here([sys.executable, "-c", program])

    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == []


def test_asking_for_help_loads_no_database() -> None:
    heavy = ["duckdb", "sqlglot", "pandas", "polars", "pyarrow", "psycopg", "pyspark"]
    program = (
        "import sys\nfrom leadline.cli.main import main\nsys.argv = ['leadline', '--help']\n"
        f"try:\n    main()\nfinally:\n    print(*sorted(set({heavy}) & set(sys.modules)), file=sys.stderr)"
    )

    run = run_here([sys.executable, "-c", program])

    assert "Usage" in run.stdout, run.stderr
    assert run.stderr.split() == []


def test_every_public_name_can_be_loaded_and_says_what_it_is() -> None:
    undocumented = []
    for name in leadline.__all__:
        thing = getattr(leadline, name)
        if callable(thing) and not inspect.getdoc(thing):
            undocumented.append(name)
        if inspect.isclass(thing) and (thing.__doc__ or "").startswith(f"{thing.__name__}("):
            undocumented.append(name)  # the docstring that @dataclass writes says nothing

    assert not undocumented


def test_a_name_that_does_not_exist_is_refused_with_what_does() -> None:
    with pytest.raises(AttributeError, match="'scores'; it offers"):
        _ = leadline.scores


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_module_and_its_public_functions_have_docstrings(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))

    assert ast.get_docstring(tree), "a module says what it is, what it is not, and who guards it"
    silent = [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert not silent


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_module_can_be_imported_alone(path: Path) -> None:
    if path.stem == "__main__":
        pytest.skip("running it is what it is for")

    importlib.import_module(name_of(path))
