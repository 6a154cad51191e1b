"""Texts are found however their letters are written, on both databases: the lookups are held to text keys."""

import pytest
from django.urls import reverse
from tests.web.pages.rows import make_lead

from leadline.engine.values import text_key
from leadline.web.handoff.teams.queries import find_leads
from leadline.web.leads.models import Company, Lead
from leadline.web.leads.queries import find_partners

pytestmark = pytest.mark.django_db
NAMES = (
    "Anna Müller", "ANNA MÜLLER", "anna mÜLLer", "Anna Muller", "Émile Zola", "ÉMILE ZOLA", "Hans Weiß", "HANS WEISS", "Ada Straße 5",
    "Ödön von Horváth", "Σωκράτης", "ΣΩΚΡΆΤΗΣ", "Иванов Пётр", "ИВАНОВ ПЁТР", "李小龍", "İpek Yılmaz", "Élodie [b] *", "Ängla 100%_?",
    "Łukasz Żak", "ÅSA (Öst) a.b|c", "", "🙂 Ünal", r"Ünal\d", "éa^b$",
)  # fmt: skip
ASKED = (
    "müller", "MÜLLER", "Émile", "zola", "émile z", "weiss", "WEIß", "strasse", "ödön", "horváth", "σωκράτης", "σωκράτησ", "иванов",
    "ПЁТР", "李", "ipek", "élodie [b] *", "[é]", "ä*", "ängla 100%_?", "łuk", "ŻAK", "(öst)", "a.b|c", "🙂 ü", "ünal\\d", "éa^b$",
    "é|z", "ö.",
)  # fmt: skip


@pytest.fixture
def names(northwind):
    return [make_lead(northwind, name) for name in NAMES]


@pytest.mark.parametrize("asked", ASKED)
def test_what_is_found_is_what_has_the_text_in_its_key(names, asked):
    key = text_key(asked)
    for lookup, fits in (
        ("contains_alike", lambda name: key in name),
        ("begins_alike", lambda name: name.startswith(key)),
        ("has_word_alike", lambda name: f" {key}" in name),
        ("is_alike", lambda name: name == key),
    ):
        found = Lead.objects.filter(**{f"name__{lookup}": asked}).values_list("name", flat=True)
        assert sorted(found) == sorted(one.name for one in names if fits(text_key(one.name))), lookup


def test_searches_of_people_and_companies_find_them(as_maria, northwind):
    company = Company.objects.create(
        workspace=northwind, key="domain:aerzte.example", name="ÄRZTE AG", domain="aerzte.example"
    )
    lead = make_lead(northwind, "ANNA MÜLLER", company=company)
    other = make_lead(northwind, "Émile Zola")

    assert find_leads(northwind, "müller") == [lead]
    assert find_partners(other, "anna mü") == [lead]
    assert find_partners(lead, "ÉMILE") == [other]
    for address in (
        "/search/?q=m%C3%BCller",
        "/leads/?q=m%C3%BCller",
        "/leads/?q=%C3%A4rzte",
        "/leads/?q=m%C3%BCller&sort=name",
    ):
        page = as_maria.get(address).content.decode()
        assert "ANNA MÜLLER" in page, address
        assert "Émile Zola" not in page, address
    assert "ÄRZTE AG" in as_maria.get("/companies/?q=%C3%A4rzte").content.decode()
    assert "ÄRZTE AG" not in as_maria.get(reverse("companies") + "?q=%C3%B6").content.decode()
