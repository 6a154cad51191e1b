"""A hosted form as Django form: what a visitor may type into each field, within bounds, and what is wrong with it in words.

One field more than is asked stands in it: a trap that people do not see and machines fill in (`guard.py`).
"""

import re
from collections.abc import Mapping
from typing import Any

from django import forms

from leadline.web.capture.forms.consents import BOXES, texts_of
from leadline.web.capture.forms.fields import AskedField, read_fields
from leadline.web.capture.models import Form
from leadline.web.leads.consent import Purpose

TRAP = "website_2"
"""Looks worth filling in to a machine."""
MOST_TEXT = 300
MOST_LONG_TEXT = 5_000
_TICKED = ("on", "yes", "true", "1")
_AUTOCOMPLETE = {
    "email": "email", "name": "name", "first_name": "given-name", "last_name": "family-name", "phone": "tel",
    "title": "organization-title", "company": "organization", "country": "country-name",
}  # fmt: skip


class AnswerForm(forms.Form):
    """What a visitor typed. Made for one form by `build_answer_form`."""

    def __init__(self, form: Form, data: Any = None) -> None:
        super().__init__(data, auto_id=f"{form.slug}-%s", label_suffix="")
        self.asked = read_fields(form.fields)
        for one in self.asked:
            self.fields[one.name] = _django_field(one)
        self.consents = texts_of(form)
        for purpose, text in self.consents.items():
            self.fields[BOXES[purpose]] = forms.BooleanField(label=text, required=False, widget=ConsentBox)

    @property
    def answers(self) -> Mapping[str, Any]:
        """What was answered, by the names of the fields; what was left empty is not there."""
        found = {one.name: self.cleaned_data.get(one.name) for one in self.asked}
        return {name: value for name, value in found.items() if value not in (None, "", [], False)}

    @property
    def agreed(self) -> list[Purpose]:
        """The purposes whose boxes were there and are ticked."""
        return [purpose for purpose in self.consents if self.cleaned_data.get(BOXES[purpose])]


class ConsentBox(forms.CheckboxInput):
    """A box that counts as ticked only when it says so. Other sites may send what they like, such as `no`, and that is no consent."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> bool:
        """Return whether it is ticked."""
        return str(data.get(name, "")).strip().lower() in _TICKED


def _django_field(one: AskedField) -> forms.Field:
    attributes: dict[str, Any] = {"autocomplete": _AUTOCOMPLETE[one.fact]} if one.fact in _AUTOCOMPLETE else {}
    needed = {"required": f"Please fill in “{one.label}”."}
    options = [(option, option) for option in one.options]
    match one.type:
        case "email":
            words = {**needed, "invalid": "This is no e-mail address. It looks like name@company.com."}
            return forms.EmailField(
                label=one.label,
                required=one.required,
                max_length=254,
                error_messages=words,
                widget=forms.EmailInput(attributes),
            )
        case "number":
            words = {**needed, "invalid": "This is no number. Write digits, such as 25."}
            return forms.FloatField(
                label=one.label, required=one.required, min_value=-1e15, max_value=1e15, error_messages=words
            )
        case "long":
            return _text(one, MOST_LONG_TEXT, forms.Textarea({"rows": 5, **attributes}), needed)
        case "choice":
            first = [] if one.required else [("", "No answer")]
            return forms.ChoiceField(
                label=one.label,
                required=one.required,
                choices=[*first, *options],
                error_messages={**needed, "invalid_choice": "Please choose one of the options."},
                widget=forms.RadioSelect if len(options) <= 4 else forms.Select,
            )
        case "several":
            return forms.MultipleChoiceField(
                label=one.label,
                required=one.required,
                choices=options,
                error_messages={**needed, "invalid_choice": "Please choose among the options."},
                widget=forms.CheckboxSelectMultiple,
            )
        case "yes":
            return forms.BooleanField(label=one.label, required=one.required, error_messages=needed)
        case "phone":
            return PhoneField(
                label=one.label,
                required=one.required,
                max_length=60,
                error_messages=needed,
                widget=forms.TextInput({"type": "tel", **attributes}),
            )
        case "text":
            return _text(one, MOST_TEXT, forms.TextInput(attributes), needed)


class PhoneField(forms.CharField):
    """Digits and what people write between them."""

    def clean(self, value: Any) -> str:
        """Return the number as it was typed."""
        text: str = super().clean(value)
        if text and not re.fullmatch(r"[+(]?[\d\s()./+-]{3,}(\s*(x|ext\.?)\s*\d+)?", text):
            raise forms.ValidationError("This is no phone number. It looks like +49 30 123456.")
        return text


def _text(one: AskedField, most: int, widget: forms.Widget, words: dict[str, str]) -> forms.CharField:
    return forms.CharField(label=one.label, required=one.required, max_length=most, widget=widget, error_messages=words)
