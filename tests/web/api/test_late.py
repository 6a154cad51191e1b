"""The operations are loaded by who first asks one of them, and then are like any other address."""

import os
import subprocess
import sys
from pathlib import Path

_PAGES_THEN_PROGRAM = """
import sys, django
django.setup()
from django.test import Client
from django.urls import NoReverseMatch, resolve, reverse

assert Client().get("/sign-in", HTTP_HOST="localhost", follow=True).status_code == 200
assert Client().get("/settings/api-keys/", HTTP_HOST="localhost").status_code == 302
assert reverse("api-keys") == "/settings/api-keys/"
try:
    reverse("api-leads")
except NoReverseMatch:
    pass
else:
    raise AssertionError("loaded too early")
assert not {"ninja", "pydantic"} & set(sys.modules), "a page loaded the operations"

assert resolve("/api/v1/leads").url_name == "api-leads"
assert "ninja" in sys.modules
assert reverse("api-leads") == "/api/v1/leads" and reverse("api-keys") == "/settings/api-keys/"
"""


def test_pages_do_without_the_operations_and_programs_find_them(tmp_path: Path) -> None:
    settings = {"DJANGO_SETTINGS_MODULE": "leadline.web.config.settings", "LEADLINE_DATA": str(tmp_path)}
    prepare = "import django; django.setup(); from django.core.management import call_command; call_command('migrate', verbosity=0)"
    for program in (prepare, _PAGES_THEN_PROGRAM):
        done = subprocess.run(
            [sys.executable, "-c", program], env={**os.environ, **settings}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
