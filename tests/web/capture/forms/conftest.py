"""Maria's form for demos, as visitors find it."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from leadline.web.accounts.models import Source
from leadline.web.capture.forms import guard
from leadline.web.capture.models import Form

FIELDS = [
    {"name": "email", "label": "Work e-mail", "type": "email", "required": True, "options": [], "fact": "email"},
    {"name": "job", "label": "Job title", "type": "text", "required": False, "options": [], "fact": "title"},
    {
        "name": "size",
        "label": "Team size",
        "type": "choice",
        "required": False,
        "options": ["1-9", "10-99"],
        "fact": "",
    },
    {
        "name": "topics",
        "label": "Topics",
        "type": "several",
        "required": False,
        "options": ["Scoring", "Routing"],
        "fact": "",
    },
    {"name": "seats", "label": "Seats", "type": "number", "required": False, "options": [], "fact": ""},
]
ADDRESS = "/f/northwind/demo/"
AGREEMENT = "You may write to me about Leadline."
SCORING = "You may judge by my answers how well we fit."


@pytest.fixture
def forms_source(northwind):
    return Source.objects.create(workspace=northwind, name="form", kind=Source.Kind.FORM)


@pytest.fixture
def demo(northwind, forms_source):
    return Form.objects.create(
        workspace=northwind,
        source=forms_source,
        slug="demo",
        title="Ask for a demo",
        event="demo_requested",
        fields=FIELDS,
        contact_text=AGREEMENT,
        scoring_text=SCORING,
        origins=["https://www.northwind.example"],
    )


@pytest.fixture
def visitor():
    return Client()


@pytest.fixture
def send(demo, visitor):
    """Send the form as a visitor who took half a minute over it."""

    def send(typed=None, *, seconds=30, ticket=True, headers=None, address=ADDRESS, client=None):
        shown_at = timezone.now() - timedelta(seconds=seconds)
        fields = {"email": "Ada@acme.example"} | (typed or {})
        if ticket:
            fields["ticket"] = guard.make_ticket(Form.objects.get(pk=demo.pk), "https://search.example/", shown_at)
        return (client or visitor).post(address, fields, headers=headers or {})

    return send


def errors_of(response):
    return [
        text.strip()
        for text in re.findall(r'<p class="err"[^>]*>.*?<span>(.*?)</span>', response.content.decode(), re.DOTALL)
    ]
