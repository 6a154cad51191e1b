"""How to install what is missing is said by how Leadline was installed."""

from collections.abc import Iterator
from importlib import metadata
from types import SimpleNamespace

import pytest

from leadline.engine.problems import how_to_install, is_from_clone


@pytest.fixture(autouse=True)
def _nothing_is_remembered() -> Iterator[None]:
    is_from_clone.cache_clear()
    yield
    is_from_clone.cache_clear()


@pytest.mark.parametrize(
    ("origin", "said"),
    [
        ('{"url": "file:///home/ada/leadline", "dir_info": {"editable": true}}', "pip install '.[mail]' in the clone"),
        ('{"url": "file:///home/ada/leadline", "dir_info": {}}', "pip install '.[mail]' in the clone"),
        ('{"url": "file:///tmp/leadline.whl", "archive_info": {}}', "pip install 'leadline[mail]'"),
        (None, "pip install 'leadline[mail]'"),
    ],
)
def test_a_clone_is_told_from_a_package(monkeypatch: pytest.MonkeyPatch, origin: str | None, said: str) -> None:
    monkeypatch.setattr(metadata, "distribution", lambda name: SimpleNamespace(read_text=lambda file: origin))

    assert how_to_install("mail") == said


def test_what_was_never_installed_is_run_from_a_clone(monkeypatch: pytest.MonkeyPatch) -> None:
    def find(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", find)

    assert how_to_install("web,postgres") == "pip install '.[web,postgres]' in the clone"
