"""Every type of webhook has a schema, and what is told and documented keeps to it. See also tests/web/test_telling.py."""

import json
import re
from pathlib import Path

import jsonschema_rs
import pytest

from leadline.web.outgoing.shapes import EXAMPLES, example_of, schema_of
from leadline.web.outgoing.webhooks import TEST, TYPES, body_of, tell_test

DOCS = Path(__file__).resolve().parents[3] / "docs" / "webhooks.md"


def check(body):
    """Raise where a webhook is not as its schema says, or carries what that does not name."""
    schema = schema_of(body["type"])
    jsonschema_rs.validate(schema, body, validate_formats=True)
    assert body["data"].keys() <= schema["properties"]["data"]["properties"].keys()


def test_every_type_has_a_shape():
    assert list(EXAMPLES) == [*TYPES, TEST]


@pytest.mark.parametrize("name", EXAMPLES)
def test_schemas_are_schemas_and_hold_their_examples(name):
    jsonschema_rs.meta.validate(schema_of(name))
    check(example_of(name))


def test_the_documentation_shows_each_type_as_it_is():
    [block] = re.findall(r"one a line:\n\n```json\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    shown = [json.loads(line) for line in block.splitlines()]
    assert [one["type"] for one in shown] == list(EXAMPLES)
    for one in shown:
        check(one)


def test_a_test_is_as_its_schema_says(endpoint, now):
    check(json.loads(body_of(tell_test(endpoint, at=now))))


@pytest.mark.parametrize(
    "wrong",
    [
        {"lead_id": "7", "merged_lead_id": 9},
        {"lead_id": 7},
        {"lead_id": 7, "merged_lead_id": 9, "name": "Ada"},
    ],
)
def test_what_is_not_as_it_should_be_is_seen(wrong):
    with pytest.raises((jsonschema_rs.ValidationError, AssertionError)):
        check(example_of("lead.merged") | {"data": wrong})
