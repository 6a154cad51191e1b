"""What was told about a person: `flow.py` adds this to their export and to their erasure."""

from django.db.models import Q, QuerySet

from leadline.web.leads.erasure import Erased
from leadline.web.leads.rows import Row, rows_as_json
from leadline.web.leads.subject import Subject
from leadline.web.outgoing.models import Delivery, Message

_IDS = ("lead_id", "merged_lead_id")


def find_messages(subject: Subject) -> list[Row]:
    """Return the messages about a person: what was told of them, and what waits to be."""
    return rows_as_json(_messages(subject).order_by("pk"), without=("workspace_id",))


def erase_from_messages(subject: Subject, erased: Erased) -> None:
    """Remove from messages about a person all but their ids, sent or not, and what endpoints answered to them."""
    found = list(_messages(subject))
    Delivery.objects.filter(message__in=found).update(last_answer="", last_error="")
    for message in found:
        message.data = {name: message.data[name] for name in _IDS if name in message.data} | {"is_erased": True}
    Message.objects.bulk_update(found, ["data"], batch_size=500)
    erased.count("webhook messages", len(found))


def _messages(subject: Subject) -> QuerySet[Message]:
    about = Q(lead_id__in=subject.lead_ids) | Q(other_lead_id__in=subject.lead_ids)
    return Message.objects.filter(about, workspace=subject.workspace_id)
