"""What tests share: the other engines, and how long hypothesis looks for a disagreement.

An engine that is not there makes its tests skip, with the reason. With ``CI=true`` it makes them fail: a
parity suite that quietly ran on one engine would prove nothing.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PROJECT = Path(__file__).resolve().parent.parent

# default: quick, for a person who waits. ci: always the same examples, so that a red build can be repeated.
# long: fresh examples and many; `make parity` runs it in rounds for as many seconds as asked.
_SHARED = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}
settings.register_profile("default", settings(max_examples=50, **_SHARED))  # type: ignore[arg-type]
settings.register_profile("ci", settings(max_examples=100, derandomize=True, print_blob=True, **_SHARED))  # type: ignore[arg-type]
settings.register_profile("long", settings(max_examples=1000, print_blob=True, **_SHARED))  # type: ignore[arg-type]
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") == "true" else "default"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give what needs Spark to one worker: a second Java machine would cost more than it saves.

    What drives a browser is tried once more when it fails, and named at the end (docs/decisions/0035-…); not where a slow browser looks
    for such tests.
    """
    for item in items:
        if item.get_closest_marker("browser") and "LEADLINE_SLOW" not in os.environ:
            item.add_marker(pytest.mark.flaky(reruns=1))
        if "spark" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.spark)
        if "postgres_url" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.postgres)
        if item.get_closest_marker("spark"):
            item.add_marker(pytest.mark.xdist_group("spark"))


def miss(reason: str) -> NoReturn:
    """Skip a test for *reason*; fail it where everything must be there (``CI=true``)."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}; with CI=true every engine must be there")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def project() -> Path:
    """The root of the checkout."""
    return PROJECT


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """A database that tests may fill: ``LEADLINE_TEST_POSTGRES``, else ``test`` on this machine.

    Tests share it. What a test makes there is temporary, or lies in a schema of its own that it drops.
    """
    psycopg = pytest.importorskip("psycopg") if os.environ.get("CI") != "true" else __import__("psycopg")
    named = os.environ.get("LEADLINE_TEST_POSTGRES")
    here = "127.0.0.1:5432/test"
    tried = (
        [named] if named else [f"postgresql://postgres@{here}", f"postgresql://{os.environ.get('USER', 'root')}@{here}"]
    )
    problem = ""
    for url in tried:
        try:
            with psycopg.connect(url, connect_timeout=5) as connection:
                connection.execute("select 1")
            return url
        except psycopg.OperationalError as error:
            problem = str(error).splitlines()[0]
    miss(f"no PostgreSQL at {tried[-1]} ({problem}); name one with LEADLINE_TEST_POSTGRES")


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator["SparkSession"]:
    """One small Spark in this process, shared by every test that asks: starting it takes seconds."""
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        miss("pyspark is not installed: pip install '.[spark]'")
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        miss("Spark needs Java 17 or later, and there is no `java` on the path")
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    folder = tmp_path_factory.mktemp("spark")
    session = (
        SparkSession.builder.master("local[1]")
        .appName("leadline-tests")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.default.parallelism", "1")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.memory", "1g")
        .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
        .config("spark.driver.extraJavaOptions", f"-Dderby.system.home={folder} -Dlog4j2.level=ERROR")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()
