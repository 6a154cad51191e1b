"""Values that are probably not meant are told with the dry run, and stop nothing."""

import pytest
from tests.web.capture.imports.conftest import work
from tests.web.capture.imports.test_import_pages import upload

from leadline.web.capture.imports.guesses import guess_columns
from leadline.web.capture.imports.odd import COUNTRIES, add_odd
from leadline.web.capture.models import ImportRun
from leadline.web.leads.models import Fact

pytestmark = pytest.mark.django_db

PEOPLE = """Email,Country,Employees,Company domain
ann@acme.com,DE,12,acme.com
ben@bolt.com,Germany,-5,bolt.com
cy@cog.com,fr,0,cog.com
di@dot.com,XX,7,dot.com
ed@eel.com,,,eel.com
"""


def test_a_country_that_is_no_code_and_fewer_employees_than_none_are_told_before_the_import(as_maria):
    answer = upload(as_maria, PEOPLE)
    run = ImportRun.objects.get()
    as_maria.post(f"/import/{run.pk}/columns/", {"zone": "Europe/Berlin", "source": "list"})
    work(run)

    page = as_maria.get(answer.url).content.decode()
    assert "2 values (“Germany”, “XX”) of a country that is no code such as DE." in page
    assert "1 value (“-5”) of fewer employees than none." in page

    as_maria.post(f"/import/{run.pk}/run/")
    work(run)
    run.refresh_from_db()
    assert run.counts["run"]["refused"] == 0
    assert Fact.objects.filter(field="country", value="Germany").exists()
    assert "odd" not in run.counts


def test_of_usual_values_nothing_is_said(as_maria):
    answer = upload(as_maria, PEOPLE.replace("Germany", "DE").replace("XX", "GB").replace("-5", "5"))
    run = ImportRun.objects.get()
    as_maria.post(f"/import/{run.pk}/columns/", {"zone": "Europe/Berlin", "source": "list"})
    work(run)

    assert "Look at these first" not in as_maria.get(answer.url).content.decode()
    assert len(COUNTRIES) == 250
    assert add_odd(None, []) == {}


def test_a_column_of_dates_called_created_says_since_when_the_rest_is_known():
    guessed = guess_columns("leads", ["Email", "Created"], [["ann@acme.com", "2026-01-31"], ["b@b.com", "2026-02-01"]])
    assert guessed["Created"].field == "known_at"

    by_whom = guess_columns("leads", ["Email", "Created"], [["ann@acme.com", "Ines"], ["b@b.com", "Tom"]])
    assert by_whom["Created"].field == "fact:created"
