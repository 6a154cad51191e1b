"""The tracking API as a view of Django."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from leadline.web.capture.tracking.endpoint import Request, answer
from leadline.web.capture.tracking.entry import read_fully


@csrf_exempt
@login_not_required
def take_in(request: HttpRequest) -> HttpResponse:
    """Take events in. Public: the key in the request says whose they are."""
    said = answer(
        Request(
            method=request.method or "",
            path=request.path_info,
            authorization=request.headers.get("Authorization", ""),
            user_agent=request.headers.get("User-Agent", ""),
            asked_headers=request.headers.get("Access-Control-Request-Headers", ""),
            read=lambda most: read_fully(request.read, most),
        ),
        timezone.now(),
    )
    return HttpResponse(said.content, status=said.status, headers=dict(said.headers))
