"""A story in a data folder of its own: somebody comes in, is erased, and what is freed is scrubbed. Run by test_canary.py.

Prints whether the database's files held the person before, when the rows were gone, and at the end.
"""

import json
import sys
from pathlib import Path

import django


def tell() -> dict[str, bool]:
    """Live through it."""
    sys.path.insert(0, str(Path(__file__).parents[3]))
    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone
    from tests.web.leads.canary import find_in_files, plant

    from leadline.web.accounts.keys import make_key
    from leadline.web.accounts.models import Source, User, Workspace
    from leadline.web.leads.erasure import erase_person
    from leadline.web.leads.scrub import scrub_free_space

    with connection.cursor() as cursor:  # some builds of SQLite overwrite what is deleted by themselves, most do not
        cursor.execute("PRAGMA secure_delete = OFF")
    call_command("migrate", verbosity=0)
    settings.ALLOWED_HOSTS = ["*"]
    northwind = Workspace.objects.create(name="Northwind", slug="northwind")
    maria = User.objects.create(email="maria@northwind.example", name="Maria")
    backend = Source.objects.create(workspace=northwind, name="backend", kind=Source.Kind.SERVER)
    website = Source.objects.create(workspace=northwind, name="website", kind=Source.Kind.WEBSITE)
    lead = plant(northwind, make_key(backend, "server"), make_key(website, "browser"), maria, timezone.now())
    told = {"before": bool(find_in_files(settings.DATA))}
    erase_person(lead, by=maria)
    told["after the rows are gone"] = bool(find_in_files(settings.DATA))
    assert scrub_free_space()
    told["after"] = bool(find_in_files(settings.DATA))
    return told


sys.stdout.write(json.dumps(tell()))
