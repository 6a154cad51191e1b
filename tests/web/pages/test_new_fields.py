"""A slip of the pen makes no new field: it is asked about, of one lead and of many."""

import pytest
from django.core.cache import cache
from django.urls import reverse
from tests.web.pages.rows import make_lead

from leadline.web.leads.models import Fact
from leadline.web.pages.models import Batch


@pytest.fixture(autouse=True)
def _nothing_remembered():
    cache.clear()


@pytest.fixture
def ada(northwind, playbook):
    return make_lead(northwind, "Ada")


def note(client, lead, field, **more):
    return client.post(reverse("add-fact", args=[lead.pk]), {"field": field, "value": "5000", **more})


def note_many(client, lead, field, **more):
    said = {"lead": [lead.pk], "action": "fact", "asked": 1, "field": field, "value": "5000", **more}
    return client.post(reverse("selected-leads"), said)


@pytest.mark.parametrize("post", [note, note_many])
def test_a_mistyped_field_is_asked_about_with_the_one_that_the_playbook_knows(as_omar, ada, post):
    answer = post(as_omar, ada, "budget_amont")

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "The playbook knows “budget_amount”: did you mean that?" in page
    assert 'type="checkbox" name="is_new"' in page
    assert not Fact.objects.exists()
    assert not Batch.objects.exists()


@pytest.mark.parametrize("post", [note, note_many])
def test_a_new_field_is_written_once_that_is_said_and_known_from_then_on(as_omar, ada, post):
    assert "reads none of that name" in post(as_omar, ada, "shoe_size").content.decode()
    assert post(as_omar, ada, "shoe_size", is_new="on").status_code == 302
    assert Fact.objects.get(field="shoe_size").value == "5000"

    assert post(as_omar, ada, "shoe_size", value="6000").status_code == 302


@pytest.mark.parametrize("field", ["budget_amount", "title", "phone", "lead_source", "questions.budget"])
def test_what_the_playbook_reads_and_what_everybody_has_is_not_asked_about(as_omar, ada, field):
    assert note(as_omar, ada, field).status_code == 302


def test_the_page_of_a_batch_says_field_and_value_as_long_as_the_log_has_it(as_omar, ada):
    page = as_omar.get(note_many(as_omar, ada, "budget_amount")["Location"]).content.decode()
    assert "<code>budget_amount</code>, value: <b>5000</b>" in page

    Fact.objects.all().delete()  # as when people are erased
    batch = Batch.objects.get()
    assert "5000" not in as_omar.get(reverse("batch", args=[batch.pk])).content.decode()


def test_the_fields_that_there_are_are_offered_while_one_types(as_omar, ada):
    for answer in (
        as_omar.get(reverse("lead", args=[ada.pk])),
        as_omar.post(reverse("selected-leads"), {"lead": [ada.pk], "action": "fact"}),
    ):
        page = answer.content.decode()
        assert 'list="field-names"' in page
        assert '<option value="budget_amount">' in page
