"""The server's entry point: events go straight to the tracking API, everything else to Django."""

import os
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadline.web.config.settings")
django = get_wsgi_application()

from leadline.web.capture.tracking.endpoint import is_ours  # noqa: E402 - models exist once Django is set up
from leadline.web.capture.tracking.entry import answer_wsgi  # noqa: E402
from leadline.web.config.warm import warm_up  # noqa: E402

warm_up()


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer a request."""
    if is_ours(environ.get("PATH_INFO", "")):
        return answer_wsgi(environ, start_response)
    return django(environ, start_response)
