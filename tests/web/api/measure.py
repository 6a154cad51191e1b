"""How long the API takes with very many leads, deep in their pages too. Not a test: it prints what it finds.

python -m tests.web.api.measure --leads 100000
LEADLINE_TEST_DATABASE=postgresql://… python -m tests.web.api.measure --leads 100000
"""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.web.settings")

import sys
import time

from tests.web.pages import measure

PATHS = (
    "/leads",
    "/leads?who=all&limit=500",
    "/leads?stage=mql",
    "/leads?q=maya+works",
    "/leads?qualification=mql&first=50",
    "/leads?where=fit+%3E%3D+60+and+country+%3D+%27DE%27",
    "/leads?updated_since=2020-01-01T00:00:00Z",
    "/leads?updated_since=2199-01-01T00:00:00Z",
    "/companies?q=works",
    "/events",
    "/spells?is_open=true",
)


def tell(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{line}\n")


def measure_api(rounds: int) -> None:
    """Print the median and the longest of some rounds of each address; then all pages one after the other, and whole files."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from leadline.web.accounts.models import Workspace
    from leadline.web.api.keys import SCOPES, make_api_key
    from leadline.web.leads.models import Lead

    settings.API_REQUESTS_A_MINUTE = 10**9
    workspace = Workspace.objects.get()
    _, text = make_api_key(workspace, name="measure", scopes=SCOPES)
    client, headers = Client(), {"Authorization": f"Bearer {text}"}

    def ask(path: str) -> tuple[float, int, int]:
        began = time.perf_counter()
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(f"/api/v1{path}", headers=headers)
            size = len(answer.content) if not answer.streaming else sum(map(len, answer.streaming_content))
        assert answer.status_code == 200, (path, answer.status_code)
        return (time.perf_counter() - began) * 1000, len(queries), size

    middle = Lead.objects.order_by("pk")[Lead.objects.count() // 2].pk
    for path in (*PATHS, f"/leads/{middle}", f"/leads/{middle}/assessment?explain=true", f"/leads/{middle}/facts"):
        took = [ask(path) for _ in range(rounds)]
        usual, longest = sorted(one[0] for one in took)[rounds // 2], max(one[0] for one in took)
        tell(f"{usual:6.0f} ms, at most {longest:5.0f}  {took[0][1]:3} queries  {took[0][2] / 1000:6.0f} kB  {path}")
    cursor, began, pages = "", time.perf_counter(), 0
    while cursor is not None:
        page = client.get(f"/api/v1/leads?who=all&limit=500&cursor={cursor}", headers=headers).json()
        cursor, pages = page["next"], pages + 1
    tell(
        f"{(time.perf_counter() - began) / pages * 1000:7.0f} ms a page of 500, over all {pages} pages of /leads?who=all"
    )
    for path in ("/export/leads", "/log/leads", "/log/events"):
        took, _, size = ask(path)
        tell(f"{took / 1000:7.1f} s  {size / 1e6:7.1f} MB  {path}")


if __name__ == "__main__":
    measure.measure = measure_api  # its database, our addresses
    measure.main()
