"""Ada reads prices and asks for a demo; what bots do stands beside it in her log."""

from datetime import timedelta
from itertools import count

import pytest
from django.db import transaction
from tests.web.assessments.conftest import PLAYBOOK, settle

from leadline.web.accounts.models import Source
from leadline.web.capture.bots.apply import apply_bot_rules
from leadline.web.capture.bots.classify import classifier_of
from leadline.web.leads.intake import take_messages
from leadline.web.leads.messages import Message
from leadline.web.leads.models import Event
from leadline.web.playbooks.actions import publish
from leadline.web.playbooks.queries import find_live

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
_numbers = count(1)


@pytest.fixture
def live(northwind, now):
    publish(northwind, toml=PLAYBOOK, by=None, now=now)
    settle(now)
    return find_live(northwind)


@pytest.fixture
def newsletter(northwind):
    return Source.objects.create(workspace=northwind, name="newsletter", kind=Source.Kind.MAIL)


@pytest.fixture
def tell(now):
    """Tell Leadline of an event, as a source would, and return it as it stands in the log."""

    def tell(
        source,
        name="page_viewed",
        *,
        ago=timedelta(days=1),
        who="ada@acme.example",
        kind="page",
        agent=BROWSER,
        **properties,
    ):
        at = now - ago
        message = Message(
            message_id=f"m{next(_numbers)}",
            kind=kind,
            name=name,
            occurred_at=at,
            received_at=at,
            email=who if source.kind != Source.Kind.WEBSITE else "",
            user_id=who if source.kind == Source.Kind.WEBSITE else "",
            properties={"user_agent": agent, **properties},
            is_verified=True,
        )
        with transaction.atomic():
            take_messages(source, [message], classify=classifier_of(source), now=now)
        return Event.objects.get(source=source, message_id=message.message_id)

    return tell


def work(now):
    """Do what waits in the background: rules first, then assessments, then what no longer stands."""
    for _ in range(50):
        settle(now)
        if not apply_bot_rules(now=now):
            return
    raise AssertionError("the rules never come to an end")


def marks():
    return {event.pk: (event.is_bot, event.bot_rule) for event in Event.objects.all()}
