"""By which reader each protocol's deliveries are taken apart. A new protocol is one line here and one function.

A reader gets a delivery and gives, in their order, what its events say (`Message`) or why one cannot be used (`Refusal`). It reads nothing
else and writes nothing. What it raises is a defect: the delivery is tried again, and in the end kept among the refused events.
"""

from collections.abc import Callable, Iterable

from django.utils.module_loading import import_string

from leadline.web.capture.models import Delivery
from leadline.web.capture.tracking.inbox import Refusal
from leadline.web.leads.messages import Message

Reader = Callable[[Delivery], Iterable[Message | Refusal]]


def _reader(path: str) -> Reader:
    """Return the reader at *path*, imported when it is needed: forms and mail stand on the inbox, and so on this package."""

    def read_delivery(delivery: Delivery) -> Iterable[Message | Refusal]:
        found: Reader = import_string(path)
        return found(delivery)

    return read_delivery


READERS: dict[str, Reader] = {
    "tracking": _reader("leadline.web.capture.tracking.reader.read_delivery"),
    "form": _reader("leadline.web.capture.forms.reader.read_delivery"),
    "mail": _reader("leadline.web.capture.mail.reader.read_delivery"),
}
