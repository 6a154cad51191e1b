"""The people and the workspace of the stories: Maria runs revenue operations at Northwind, Omar sells, Charlie works elsewhere."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from tests.web.browser import chromium, visit

from leadline.web.accounts.keys import make_key
from leadline.web.accounts.models import Membership, Source, SourceKey, User, Workspace

__all__ = ["chromium", "visit"]  # fixtures


@pytest.fixture
def northwind(db):
    return Workspace.objects.create(name="Northwind", slug="northwind", timezone="Europe/Berlin")


@pytest.fixture
def elsewhere(db):
    return Workspace.objects.create(name="Elsewhere", slug="elsewhere")


def member(workspace, name, role):
    user = User(email=f"{name.lower()}@{workspace.slug}.example", name=name)
    user.set_password(f"{name.lower()}-likes-tea")
    user.save()
    Membership.objects.create(workspace=workspace, user=user, role=role)
    return user


@pytest.fixture
def maria(northwind):
    return member(northwind, "Maria", Membership.Role.ADMIN)


@pytest.fixture
def omar(northwind):
    return member(northwind, "Omar", Membership.Role.REP)


@pytest.fixture
def charlie(elsewhere):
    return member(elsewhere, "Charlie", Membership.Role.ADMIN)


@pytest.fixture
def as_maria(maria):
    client = Client()
    client.force_login(maria)
    return client


@pytest.fixture
def as_omar(omar):
    client = Client()
    client.force_login(omar)
    return client


@pytest.fixture
def as_charlie(charlie):
    client = Client()
    client.force_login(charlie)
    return client


@pytest.fixture
def website(northwind):
    return Source.objects.create(workspace=northwind, name="website", kind=Source.Kind.WEBSITE)


@pytest.fixture
def backend(northwind):
    return Source.objects.create(workspace=northwind, name="backend", kind=Source.Kind.SERVER)


@pytest.fixture
def browser_key(website):
    return make_key(website, SourceKey.Kind.BROWSER)


@pytest.fixture
def server_key(backend):
    return make_key(backend, SourceKey.Kind.SERVER)


@pytest.fixture
def now():
    return datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
