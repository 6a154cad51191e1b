"""Every environment variable that is read is listed, every one listed is read, and what cannot be used is said."""

import re
from pathlib import Path

import pytest
from django.db import connection

import leadline
from leadline.web.config import environment
from leadline.web.config.data_folder import secret_key
from leadline.web.config.databases import read_database
from leadline.web.config.environment import VARIABLES, SettingError, read, read_count, read_list
from leadline.web.config.mail import read_mail

SOURCE = Path(leadline.__file__).parent
INTERNAL = {"LEADLINE_CHILD", "LEADLINE_URL", "LEADLINE_KEY", "LEADLINE_USER"}
"""Said by `leadline up` to its children; what `leadline pull` reads, and who acts in a command: no parts of an installation."""


def test_what_is_read_is_listed_and_what_is_listed_is_read():
    listing = Path(environment.__file__)
    text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py") if path != listing)
    named = set(re.findall(r"\b(?:LEADLINE_[A-Z_]*[A-Z]|DATABASE_URL)\b", text)) - INTERNAL

    assert named == set(VARIABLES)


def test_what_is_not_listed_cannot_be_read():
    with pytest.raises(KeyError):
        read("LEADLINE_SECRETLY")


def test_an_empty_variable_is_one_that_is_not_set(monkeypatch):
    monkeypatch.setenv("LEADLINE_HOSTS", "  ")
    monkeypatch.setenv("LEADLINE_ORIGINS", " https://a.example , ,https://b.example")

    assert read_list("LEADLINE_HOSTS") == ["localhost", "127.0.0.1", "[::1]"]
    assert read_list("LEADLINE_ORIGINS") == ["https://a.example", "https://b.example"]


@pytest.mark.parametrize("value", ["x", "-1", "1.5", "²"])
def test_a_number_that_is_none_is_said_with_an_example(monkeypatch, value):
    monkeypatch.setenv("LEADLINE_PROXIES", value)

    with pytest.raises(SettingError, match=r"LEADLINE_PROXIES is .* such as 1"):
        read_count("LEADLINE_PROXIES")


@pytest.mark.parametrize("name", ["LEADLINE_SESSION_IDLE_HOURS", "LEADLINE_SESSION_DAYS"])
def test_nobody_can_be_signed_in_for_no_time_at_all(monkeypatch, name):
    monkeypatch.setenv(name, "0")

    with pytest.raises(SettingError, match=f"{name} is '0'; it should be a number of 1 or more"):
        read_count(name, least=1)


@pytest.mark.parametrize(
    ("address", "port", "starttls", "tls"),
    [
        ("smtp://ma%40ria:p%2Fw@mail.example", 587, True, False),
        ("smtps://ma%40ria:p%2Fw@mail.example:2465", 2465, False, True),
        ("smtp+plain://ma%40ria:p%2Fw@mail.example", 25, False, False),
    ],
)
def test_an_address_of_a_mail_server_is_read(address, port, starttls, tls):
    backend, server = read_mail(address)

    assert backend.endswith("smtp.EmailBackend")
    assert (server.user, server.password, server.port) == ("ma@ria", "p/w", port)
    assert (server.has_starttls, server.has_tls) == (starttls, tls)


@pytest.mark.parametrize("address", ["mail.example", "http://mail.example", "smtp://", "smtp://user:hunter2@mail:port"])
def test_an_address_that_is_none_is_refused_without_its_password(address):
    with pytest.raises(SettingError, match="LEADLINE_MAIL_URL") as error:
        read_mail(address)

    assert "hunter2" not in str(error.value)


def test_sqlite_commits_durably_unless_told_otherwise(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "")
    assert "synchronous = FULL" in read_database(tmp_path)["OPTIONS"]["init_command"]

    monkeypatch.setenv("LEADLINE_SQLITE_SYNCHRONOUS", "normal")

    assert "synchronous = NORMAL" in read_database(tmp_path)["OPTIONS"]["init_command"]


def test_sqlite_reads_pages_where_the_system_keeps_them(db):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL keeps its own")
    with connection.cursor() as cursor:
        (mapped,) = cursor.execute("PRAGMA mmap_size").fetchone()
        (kept,) = cursor.execute("PRAGMA cache_size").fetchone()

    assert mapped >= 2**30
    assert kept == -16384  # KiB: of each connection, and every thread has one


def test_postgresql_compiles_no_queries_unless_the_address_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "postgresql://maria@db.example/leads")
    assert read_database(tmp_path)["OPTIONS"] == {"options": "-c jit=off"}

    monkeypatch.setenv(
        "DATABASE_URL", "postgresql://maria@db.example/leads?sslmode=require&options=-c%20work_mem%3D64MB"
    )

    assert read_database(tmp_path)["OPTIONS"] == {"options": "-c work_mem=64MB", "sslmode": "require"}


def test_the_secret_is_made_once_kept_and_for_its_owner_only(monkeypatch, tmp_path):
    monkeypatch.setenv("LEADLINE_SECRET_KEY", "")

    first, second = secret_key(tmp_path), secret_key(tmp_path)

    assert first == second and len(first) > 40
    assert (tmp_path / "secret.key").stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]
    monkeypatch.setenv("LEADLINE_SECRET_KEY", "given")
    assert secret_key(tmp_path) == "given"
