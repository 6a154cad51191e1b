"""Files as people bring them, and imports from upload to the end."""

from pathlib import Path

import pytest
from django.conf import settings

from leadline.web.capture.imports import actions, run
from leadline.web.capture.imports.choices import choices_of
from leadline.web.capture.models import ImportRun

CONTACTS = (
    "E-Mail,First Name,Last Name,Job Title,Company,Employees\n"
    "ann@acme.com,Ann,Lee,VP Sales,Acme,120\n"
    "bob@initech.com,Bob,Ray,Engineer,Initech,40\n"
)


@pytest.fixture(autouse=True)
def uploads(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "UPLOADS", tmp_path / "uploads")
    run._PROCESS.readings.clear()
    return Path(settings.UPLOADS)


@pytest.fixture
def bring(northwind, now):
    """Bring a file in: a text, or bytes as they are."""

    def bring_file(content, *, table="leads", name="contacts.csv", at=now, workspace=None):
        content = content.encode() if isinstance(content, str) else content
        return actions.start_import(workspace or northwind, [content], file_name=name, table=table, now=at)

    return bring_file


def work(started, *, now=None):
    """Let the worker work until the import waits for somebody."""
    while run.run_imports(now=now, seconds=60):
        pass
    return ImportRun.objects.get(pk=started.pk)


def check(started, *, now=None, **changes):
    """Choose the columns as they were guessed, with some changes, and let the worker count."""
    from dataclasses import replace

    actions.start_check(started, replace(choices_of(started), **changes))
    return work(started, now=now)


def import_all(started, *, now=None, **changes):
    """Bring an import to its end."""
    checked = check(started, now=now, **changes)
    assert checked.state == ImportRun.State.CHECKED, (checked.state, checked.problem, checked.columns)
    actions.start_run(checked)
    return work(checked, now=now)
