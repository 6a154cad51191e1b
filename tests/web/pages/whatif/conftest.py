"""A live playbook, people and a draft, as for the what-ifs below the pages; and nothing remembered."""

import pytest
from django.core.cache import cache
from django.utils import timezone
from tests.web.assessments.conftest import Person
from tests.web.assessments.whatif.conftest import (
    LIVE,
    in_parts,
    make_draft,
    run_to_the_end,
    version,
    write_people,
)

__all__ = ["in_parts", "version"]  # fixtures

EDITED = (
    LIVE.replace("heat >= 40", "heat >= 10")
    .replace("points = 25", "points = 5")
    .replace("student = true", "country = 'AT'")
    + """
[[criteria]]
id = "swiss"
score = "fit"
why = "In Switzerland"
when = "country = 'CH'"
points = 60
"""
)


@pytest.fixture(autouse=True)
def _nothing_remembered():
    cache.clear()


@pytest.fixture
def now():
    """Pages ask of the real now."""
    return timezone.now()


@pytest.fixture
def people(northwind, website, now):
    some = write_people(northwind, website, now, count=60, seed=5)
    for name, country in (
        ("Ida", "DE"),
        ("Jo", "DE"),
        ("Kim", "CH"),
    ):  # two whom sales have, and one whom they would get
        person = Person(northwind, website, name, now)
        person.has("country", country)
        person.has("seniority", "vp")
        person.does("demo_requested")
        person.does("page_viewed")
        some.append(person.lead)
    return some


@pytest.fixture
def draft(northwind, version, people, now):
    return make_draft(northwind, EDITED, now)


@pytest.fixture
def found(as_maria, draft):
    """The draft, of which somebody asked and everything was found out."""
    as_maria.post(f"/playbook/drafts/{draft.pk}/what-if/")
    run_to_the_end(timezone.now())
    return draft
