"""The receiver that the documentation shows takes what is genuine and fresh, and nothing else."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from leadline.web.outgoing.models import Endpoint
from leadline.web.outgoing.signing import headers_for, make_salt, secret_of

DOCS = Path(__file__).resolve().parents[3] / "docs" / "webhooks.md"


@pytest.fixture
def verify():
    [program] = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    names = {}
    exec(program, names)
    return names["verify"]


def test_the_example_of_the_documentation_verifies(verify):
    now, salt = timezone.now(), make_salt()
    endpoint = Endpoint(salt=make_salt(), old_salt=salt, old_until=now + timedelta(hours=1))
    headers = headers_for(endpoint, uid="msg_1", at=now, body=b"{}")
    late = headers_for(endpoint, uid="msg_1", at=now - timedelta(hours=1), body=b"{}")

    assert verify(secret_of(endpoint.salt), headers, b"{}")
    assert verify(secret_of(salt), headers, b"{}"), "the secret before still holds"
    assert not verify(secret_of(make_salt()), headers, b"{}")
    assert not verify(secret_of(endpoint.salt), headers, b"{ }")
    assert not verify(secret_of(endpoint.salt), headers | {"webhook-id": "msg_2"}, b"{}")
    assert not verify(secret_of(endpoint.salt), late, b"{}")
