"""What notices hold of a person: a part of their export. An erasure removes it with their lead, and what waits is not sent."""

from leadline.web.leads.rows import Row, rows_as_json
from leadline.web.leads.subject import Subject
from leadline.web.notices.models import Notice, Post

_NOT_OF_THEM = ("workspace_id", "lease", "leased_until")


def find_notices(subject: Subject) -> list[Row]:
    """Return who was told of a person's hand-offs, when and how."""
    return rows_as_json(Notice.objects.filter(lead__in=subject.lead_ids).order_by("pk"), without=_NOT_OF_THEM)


def find_posts(subject: Subject) -> list[Row]:
    """Return which channels were told of a person's hand-offs."""
    return rows_as_json(Post.objects.filter(lead__in=subject.lead_ids).order_by("pk"), without=_NOT_OF_THEM)
