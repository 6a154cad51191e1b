"""Notes about leads: written, read, taken away by whoever wrote them or an administrator."""

from datetime import datetime

from django.utils import timezone

from leadline.web.leads.models import Lead, Note

MOST_SHOWN = 100


def add_note(lead: Lead, text: str, *, by: str, now: datetime | None = None) -> Note:
    """Write something down about a lead."""
    return Note.objects.create(
        workspace_id=lead.workspace_id, lead=lead, first_lead=lead, text=text, by=by, at=now or timezone.now()
    )


def notes_of(lead: Lead) -> list[Note]:
    """Return the notes about a lead, the latest first, those about leads that were merged into it among them."""
    return list(Note.objects.filter(lead=lead).order_by("-at", "-pk")[:MOST_SHOWN])


def remove_note(lead: Lead, pk: int, *, by: str, is_admin: bool) -> bool:
    """Take a note away, which only its writer and administrators may; return whether there was one to take."""
    notes = Note.objects.filter(lead=lead, pk=pk)
    removed, _ = (notes if is_admin else notes.filter(by=by)).delete()
    return bool(removed)
