"""Public holidays as the library knows them: every country and region has a name and a year, and what is not known stops nobody."""

import subprocess
import sys
from datetime import date

import pytest

from leadline.web.handoff.calendars.public_holidays import (
    LONGEST_REGION,
    holidays_of,
    list_countries,
    list_regions,
    name_country,
    name_region,
)

COUNTRIES = [code for code, _ in list_countries()]


def test_countries_have_codes_of_two_letters_and_names_that_people_know():
    names = dict(list_countries())

    assert len(names) == len(COUNTRIES) > 200
    assert all(len(code) == 2 and code.isupper() and "_" not in name for code, name in names.items())
    assert (names["GB"], names["DE"], names["TT"]) == ("United Kingdom", "Germany", "Trinidad and Tobago")
    assert list(names.values()) == sorted(names.values())


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_country_and_region_has_a_year(country):
    holidays_of(country, "", 2027)
    for region, name in list_regions(country):
        assert name and len(region) <= LONGEST_REGION
        assert isinstance(dict(holidays_of(country, region, 2027)), dict)


def test_regions_have_names_and_holidays_of_their_own():
    assert name_region("DE", "BY") == "Bayern" and name_region("GB", "SCT") == "Scotland"
    assert date(2026, 1, 6) in holidays_of("DE", "BY", 2026)
    assert date(2026, 1, 6) not in holidays_of("DE", "BE", 2026)
    assert holidays_of("GB", "SCT", 2026)[date(2026, 11, 30)] == "Saint Andrew's Day"


def test_a_holiday_that_falls_on_a_weekend_is_put_off():
    """Boxing Day of 2026 is a Saturday."""
    assert "Boxing Day" in holidays_of("GB", "ENG", 2026)[date(2026, 12, 28)]


def test_only_the_year_that_was_asked_for_is_counted():
    assert {day.year for day in holidays_of("US", "", 2026)} == {2026}


def test_without_a_country_there_are_none():
    assert holidays_of("", "", 2026) == {}


def test_a_region_that_is_not_known_has_the_holidays_of_its_country_and_the_log_says_so(caplog):
    assert holidays_of("DE", "ATLANTIS", 2026) == holidays_of("DE", "", 2026) != {}
    assert "DE ATLANTIS are not known" in caplog.text


def test_a_country_that_is_not_known_has_none_and_keeps_its_code():
    assert holidays_of("ZZ", "", 2026) == {}
    assert list_regions("ZZ") == () and name_country("ZZ") == "ZZ" and name_region("ZZ", "A") == "A"


def test_the_library_is_loaded_when_somebody_asks_and_not_before():
    said = (
        "import sys; import leadline.web.handoff.calendars.public_holidays as known; "
        "before = 'holidays' in sys.modules; known.holidays_of('DE', '', 2026); "
        "print(before, 'holidays' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["False", "True"]
