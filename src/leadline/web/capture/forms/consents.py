"""What a form asks consent for: each purpose by a box of its own, with words of its own.

Nobody has to tick a box, and none is ticked before. One that is left empty says nothing: it is no "no", and takes nothing back. The words
that were shown are kept with the answer, whole, as the evidence of that one consent. tests/web/capture/forms/test_consents.py guards it.
"""

import hashlib
import json
from collections.abc import Collection, Mapping

from leadline.web.capture.models import Form
from leadline.web.leads.consent import PREFIX, Basis, Purpose

MOST_TEXT = 800
MOST_TITLE = 60
"""Of a form's title in an evidence, so that there is room for the whole of what was shown."""
BOXES: Mapping[Purpose, str] = {purpose: f"consent_{purpose}" for purpose in Purpose}
"""The names of the boxes in what is sent."""
A_SCORING_TEXT = "You may use my answers and what I do on your site to judge how well we fit."
"""What a new form begins with where the playbook scores nobody without a basis."""


def texts_of(form: Form) -> dict[Purpose, str]:
    """Return what a form asks to agree to, by purpose, in the order in which it asks; purposes that it does not ask for are left out."""
    asked = {Purpose.CONTACT: form.contact_text, Purpose.SCORING: form.scoring_text}
    return {purpose: text for purpose, text in asked.items() if text}


def agreed_texts(form: Form, agreed: Collection[str]) -> dict[str, str]:
    """Return the words that were agreed to, by purpose, as they read now. What the form does not ask for cannot be agreed to."""
    return {purpose.value: text for purpose, text in texts_of(form).items() if purpose in agreed}


def fingerprint_of(form: Form) -> str:
    """Return a short text that is another one when a form asks to agree to something else."""
    asked = json.dumps(texts_of(form), sort_keys=True)
    return hashlib.blake2s(asked.encode(), digest_size=8).hexdigest()


def field_of(purpose: str) -> str:
    """Return the field that a consent is a fact of.

    >>> field_of("scoring")
    'consent.scoring'
    """
    return f"{PREFIX}{Purpose(purpose).value}"


def evidence_of(title: str, slug: str, text: str) -> str:
    """Return the evidence of a consent that was given on a form, as `leads.consent` writes it."""
    short = title if len(title) <= MOST_TITLE else f"{title[: MOST_TITLE - 1]}…"
    return f"{Basis.CONSENT.label}. How: form “{short}” ({slug}). Shown: “{text}”"
