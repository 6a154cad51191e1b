"""Tables: the signs of life by which /health and `leadline doctor` see who works."""

from django.db import models


class Heartbeat(models.Model):
    """A process that lives: a row of its own, with the moment at which it last said so. Guarded by tests/web/operations/test_health.py."""

    name = models.CharField(max_length=120, primary_key=True)
    """What it is and where, as ``worker:host:4711``."""
    kind = models.CharField(max_length=12)
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
