"""Companies by the API: found by a part of their name or domain, and written with what is known of them."""

import pytest

from leadline.web.leads.models import Company, Fact

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("words", "found"), [("acme", ["Acme"]), ("globex.example", ["Globex"]), ("nobody", []), ("", ["Acme", "Globex"])]
)
def test_companies_are_found_by_a_part_of_their_name_or_domain(caller, northwind, words, found):
    for name in ("Acme", "Globex"):
        Company.objects.create(workspace=northwind, key=f"name:{name}", name=name, domain=f"{name.lower()}.example")

    assert [one["name"] for one in caller.all(f"/companies?q={words}")] == found


def test_what_is_known_of_a_company_is_written_with_it(caller, northwind):
    answer = caller.post("/companies", {"name": "Acme", "facts": [{"field": "industry", "value": "retail"}]})

    assert (answer.status_code, answer.json()["stored"]) == (201, 2)
    fact = Fact.objects.get(company=answer.json()["id"], field="industry")
    assert (fact.value, fact.source) == ("retail", "api")
