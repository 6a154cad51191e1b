"""What was told about a person: `flow.py` adds this to their export and to their erasure."""

from django.db.models import Q, QuerySet

from leadline.web.leads.erasure import Erased
from leadline.web.leads.rows import Row, rows_as_json
from leadline.web.leads.subject import Subject
from leadline.web.outgoing.models import ERASED, TELLS_OF_ERASURE, Delivery, Message

_IDS = ("lead_id", "merged_lead_id")


def find_messages(subject: Subject) -> list[Row]:
    """Return the messages about a person: what was told of them, and what waits to be."""
    return rows_as_json(_messages(subject).order_by("pk"), without=("workspace_id",))


def erase_from_messages(subject: Subject, erased: Erased) -> None:
    """Remove from messages about a person all but their ids, sent or not, and what endpoints answered to them.

    What was not sent yet is not sent any more: under one id there is one body. An attempt that is under way finds its lease gone, and its
    answer is not kept (`sending.record`). Done again when the person's rows are gone, for what others were writing meanwhile: whoever
    tells of a lead holds a row of theirs, and so has committed by then. That they were erased is told, and no answer to it is kept.
    """
    _erase(subject, erased)
    erased.at_the_end.append(lambda: _erase(subject, erased))


def _erase(subject: Subject, erased: Erased) -> None:
    found = list(_messages(subject).exclude(type=TELLS_OF_ERASURE).exclude(data__has_key=ERASED))
    unsent = (Delivery.State.DUE, Delivery.State.SENDING, Delivery.State.FAILED, Delivery.State.GONE)
    Delivery.objects.filter(message__in=found, state__in=unsent).update(
        state=Delivery.State.ERASED, lease="", leased_until=None
    )
    Delivery.objects.filter(message__in=found).update(last_answer="", last_error="")
    for message in found:
        message.data = {name: message.data[name] for name in _IDS if name in message.data} | {ERASED: True}
    Message.objects.bulk_update(found, ["data"], batch_size=500)
    erased.count("webhook messages", len(found))


def _messages(subject: Subject) -> QuerySet[Message]:
    about = Q(lead_id__in=subject.lead_ids) | Q(other_lead_id__in=subject.lead_ids)
    return Message.objects.filter(about, workspace=subject.workspace_id)
