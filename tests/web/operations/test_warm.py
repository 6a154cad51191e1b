"""A server is warm when it begins to answer: its first page imports and reads nothing that the next one does not."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
FIRST_PAGE = """
import sys
import leadline.web.config.wsgi
from django.test import Client
from leadline.engine.expressions import parse
from leadline.web.shell import icons

known = set(sys.modules)
assert icons.read_all.cache_info().currsize == 1, "icons were not read"
assert parse._parser.cache_info().currsize == 1, "the grammar was not read"
from django.template import engines
from django.urls import get_resolver
assert "shell/base.html" in engines["django"].engine.template_loaders[0].get_template_cache, "the template was not read"
assert get_resolver()._populated, "addresses were not read"
answer = Client(headers={"host": "127.0.0.1"}).get("/there-is-no-such-page/")
assert answer.status_code == 404
new = sorted(one for one in set(sys.modules) - known if one.startswith("leadline"))
assert not new, new
"""


def run(code):
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.web.settings", "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    return subprocess.run([sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True)


def test_the_first_page_of_a_server_finds_everything_read():
    ended = run(FIRST_PAGE)
    assert ended.returncode == 0, ended.stderr


def test_commands_read_nothing_for_pages():
    ended = run("import sys, leadline.cli.app; assert not {'django', 'leadline.web.config.warm'} & set(sys.modules)")
    assert ended.returncode == 0, ended.stderr
