"""Rules that hold for every table."""

from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command

from leadline.web.accounts.models import TryCount, User, Workspace
from leadline.web.operations.models import Heartbeat

OF_NO_WORKSPACE = {
    Workspace: "it is one",
    User: "a person may work in several",
    TryCount: "who tries to sign in is nobody yet",
    Heartbeat: "processes work for all of them",
}
OURS = [model for model in apps.get_models() if model.__module__.startswith("leadline.")]


@pytest.mark.parametrize("model", [one for one in OURS if one not in OF_NO_WORKSPACE], ids=lambda one: one.__name__)
def test_every_table_carries_its_workspace(model):
    field = model._meta.get_field("workspace")

    assert field.related_model is Workspace
    assert not field.null


@pytest.mark.parametrize("model", OURS, ids=lambda one: one.__name__)
def test_every_table_says_what_it_holds(model):
    assert model.__doc__
    assert not model.__doc__.startswith(f"{model.__name__}(")


@pytest.mark.django_db
def test_the_migrations_make_the_tables_that_the_models_describe():
    said = StringIO()
    try:
        call_command("makemigrations", "--check", "--dry-run", stdout=said)
    except SystemExit:
        pytest.fail(said.getvalue())
