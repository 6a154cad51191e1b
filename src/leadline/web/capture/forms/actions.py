"""Every write of forms: taking an answer, keeping one that a machine seems to have given, changing a form."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from leadline.web.accounts.models import Source, Workspace
from leadline.web.capture.forms.consents import agreed_texts
from leadline.web.capture.forms.fields import AskedField, read_fields
from leadline.web.capture.forms.reader import PROTOCOL
from leadline.web.capture.models import Form
from leadline.web.capture.tracking.inbox import put_delivery, refuse
from leadline.web.leads.messages import Json

SOURCE_NAME = "form"
TRAPPED = "form-trap"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a visitor sent.

    answers: what was typed, by the names of the fields.
    agreed:  the purposes whose boxes were ticked.
    number:  of the page that was shown, or a stand-in: the same answers of one page are one answer, however often they are sent.
    context: user_agent, url and referrer of the page, what there is of those.
    """

    answers: Mapping[str, Any]
    agreed: Collection[str]
    number: str
    context: Mapping[str, Json]


def take_answer(form: Form, answer: Answer, *, now: datetime | None = None) -> None:
    """Write an answer down, to become facts and an event when the worker takes it apart."""
    with transaction.atomic():
        put_delivery(
            form.source,
            PROTOCOL,
            body_of(form, answer),
            event_count=1,
            is_verified=True,
            context=answer.context,
            now=now,
        )
        Form.objects.filter(pk=form.pk).update(answer_count=F("answer_count") + 1)


def keep_trapped_answer(form: Form, answer: Answer, *, now: datetime | None = None) -> None:
    """Keep an answer in which the trap was filled in among the refused events: if a person gave it, it can be taken from there."""
    refuse(
        form.workspace,
        form.source,
        PROTOCOL,
        TRAPPED,
        f"Something stood in the field of form '{form.slug}' that people do not see. If a person answered, take it in.",
        body_of(form, answer),
        is_verified=True,
        context=answer.context,
        now=now,
    )


def body_of(form: Form, answer: Answer) -> bytes:
    """Return an answer as it is written down: complete in itself, so that a later change of the form changes nothing of it."""
    asked = read_fields(form.fields)
    traits = {one.fact: answer.answers[one.name] for one in asked if one.fact and one.name in answer.answers}
    properties = {one.name: answer.answers[one.name] for one in asked if not one.fact and one.name in answer.answers}
    said: dict[str, Any] = {
        "form": form.slug,
        "title": form.title,
        "event": form.event,
        "traits": traits,
        "properties": properties,
        "agreed_to": agreed_texts(form, answer.agreed),
    }
    content = json.dumps([form.pk, answer.number, said], sort_keys=True)
    said["message_id"] = f"form-{hashlib.sha256(content.encode()).hexdigest()}"
    return json.dumps(said, ensure_ascii=False).encode()


def save_form(form: Form, fields: Sequence[AskedField]) -> Form:
    """Write a form that was checked (`editor.FormEditor`). A new one gets the workspace's source of forms."""
    form.fields = [one.as_json() for one in fields]
    with transaction.atomic():
        if form._state.adding:
            form.source = find_or_make_source(form.workspace)
        form.save()
    return form


def set_open(form: Form, *, is_open: bool) -> None:
    """Open a form for answers, or close it. What was answered stays."""
    Form.objects.filter(pk=form.pk).update(is_open=is_open)


def find_or_make_source(workspace: Workspace) -> Source:
    """Return the source that a workspace's forms speak as; playbooks rank it by this name."""
    source, _ = Source.objects.get_or_create(workspace=workspace, name=SOURCE_NAME, defaults={"kind": Source.Kind.FORM})
    return source


def minute_number(now: datetime | None = None) -> str:
    """Return the stand-in for the number of a page that was not ours: of two equal answers in a minute one counts."""
    return f"{now or timezone.now():%Y%m%d%H%M}"
