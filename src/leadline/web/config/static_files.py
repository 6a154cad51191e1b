"""How long browsers keep styles and scripts. Whitenoise serves them from the packages they lie in; nothing has to be collected.

A template names a file by ``{% asset %}``, which marks its address with the content. Under that address it never changes, and is kept for
a year; under any other, such as one marked by an older version, for an hour. Guarded by tests/web/operations/test_static_files.py.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from leadline.web.shell.templatetags.shell import asset

FOR_GOOD = "max-age=31536000, public, immutable"


class KeptForGoodMiddleware:
    """Lets browsers keep for good what was asked for by its mark. Stands before whitenoise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.prefix = f"/{settings.STATIC_URL.lstrip('/')}"

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path_info.startswith(self.prefix) and response.status_code == 200 and self._is_marked(request):
            response["Cache-Control"] = FOR_GOOD
        return response

    def _is_marked(self, request: HttpRequest) -> bool:
        path = request.path_info.removeprefix(self.prefix)
        return bool(request.META.get("QUERY_STRING")) and request.get_full_path() == asset(path)
