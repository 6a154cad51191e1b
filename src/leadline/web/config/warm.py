"""What the first pages would wait for, done when a server starts: it says that it runs when that is over.

Each process of the server does it for itself. What needs the database, such as the playbook, is left to the first page that wants it.
Commands and the worker show no pages, and do none of this. Guarded by tests/web/operations/test_warm.py.
"""

from django.template import Engine
from django.template.loader import get_template
from django.urls import reverse

from leadline.engine.expressions.parse import parse
from leadline.web.shell.icons import read_all


def warm_up() -> None:
    """Import the code of every page, and read all addresses, the template that pages share, the icons, and the grammar of conditions."""
    reverse("today")  # any will do: to find it, all are read
    get_template("shell/base.html")
    assert Engine.get_default().template_context_processors  # asked for, they are imported
    read_all()
    parse("true")
