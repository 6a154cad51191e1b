"""Whatever stands where a request says how long its body is: it is a number or it is nothing, and never a fault of ours."""

import io
import json

import pytest
from django.test import RequestFactory
from tests.web.api.conftest import key_for
from tests.web.capture.tracking.conftest import tracked
from tests.web.capture.tracking.test_entry import call

from leadline.web.capture.forms.guard import MOST_BYTES, is_too_large

__all__ = ["key_for"]  # a fixture

ODD = ["\u00b2", "\u0663", "-1", "1e3", "0x1F", " 5", "9" * 5000]
"""``²`` and ``٣`` are digits to Python: the first is none to ``int``, the second is no number of HTTP; ``int`` refuses very many digits."""


@pytest.mark.parametrize("length", ODD)
def test_the_tracking_api_answers(server_key, length):
    body = json.dumps(tracked(writeKey=server_key)).encode()

    marked = call(server_key, io.BytesIO(body), CONTENT_LENGTH=length, **{"wsgi.input_terminated": True})
    unmarked = call(server_key, io.BytesIO(body), CONTENT_LENGTH=length)

    assert marked[0] == "200 OK", "the server marks the end, and the length says nothing"
    assert unmarked[0] == ("200 OK" if length.startswith("9") else "400 Bad Request")


@pytest.mark.parametrize("length", ODD)
def test_the_rest_api_answers(client, key_for, length):
    answer = client.generic(
        "POST",
        "/api/v1/leads",
        b"{}",
        content_type="application/json",
        headers={"Authorization": f"Bearer {key_for()}"},
        CONTENT_LENGTH=length,
    )

    assert answer.status_code == (413 if length.startswith("9") else 400)


@pytest.mark.parametrize("length", [*ODD, None, str(MOST_BYTES + 1), "0" * 30 + str(MOST_BYTES + 1)])
def test_a_public_form_takes_nothing_whose_length_it_does_not_know(length):
    given = {} if length is None else {"CONTENT_LENGTH": length}
    request = RequestFactory().post("/f/northwind/demo/", **given)
    if length is None:
        del request.META["CONTENT_LENGTH"]
    else:
        request.META["CONTENT_LENGTH"] = length

    assert is_too_large(request)


def test_a_public_form_takes_what_is_short():
    request = RequestFactory().post("/f/northwind/demo/", {"email": "ada@northwind.example"})

    assert not is_too_large(request)
