"""What somebody fills in about a draft: where it begins, its texts, and the note with which it is published."""

from typing import Any

from django import forms

from leadline.engine.playbook.load import MAX_BYTES

_CODE = {"spellcheck": "false", "class": "code", "wrap": "off", "autocomplete": "off", "autocapitalize": "off"}
_NAME = forms.CharField(
    label="Name",
    max_length=120,
    help_text="For your team, such as “Webinars count less”.",
    error_messages={"required": "Give the draft a name, such as “Webinars count less”."},
)


class BeginForm(forms.Form):
    """A name for a new draft, and the texts that it begins with."""

    name = _NAME
    start = forms.ChoiceField(label="Begin with")

    def __init__(self, *arguments: Any, starts: list[tuple[str, str]], **names: Any) -> None:
        super().__init__(*arguments, **names)
        start = self.fields["start"]
        assert isinstance(start, forms.ChoiceField)
        start.choices = starts

    def clean_name(self) -> str:
        """Return the name in one line."""
        return _in_one_line(self.cleaned_data["name"])


class DraftForm(forms.Form):
    """The texts of a draft, right or wrong, and the revision of which they were made."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
    name = _NAME
    toml = forms.CharField(
        label="Playbook",
        strip=False,
        widget=forms.Textarea(attrs={**_CODE, "rows": 30}),
        error_messages={"required": "A playbook has some text. A new draft can begin with our example."},
    )
    cases = forms.CharField(
        label="Cases",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={**_CODE, "rows": 10}),
        help_text="Leads that everybody agrees on, and what is expected of them. While one fails, nothing is published.",
    )

    def clean_name(self) -> str:
        """Return the name in one line."""
        return _in_one_line(self.cleaned_data["name"])

    def clean_toml(self) -> str:
        """Return the text with line ends as files have them."""
        return self._text("toml")

    def clean_cases(self) -> str:
        """Return the text with line ends as files have them."""
        return self._text("cases")

    def _text(self, name: str) -> str:
        text = str(self.cleaned_data[name]).removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        size = len(text.encode("utf-8", "replace"))
        if size > MAX_BYTES:
            raise forms.ValidationError(f"It has {size:,} bytes; a playbook or its cases have at most {MAX_BYTES:,}.")
        return text


class PublishDraftForm(forms.Form):
    """What is new with a draft, said before it is published."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
    note = forms.CharField(
        label="What is new, and why",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Everybody reads it in the list of versions, now and in a year.",
        error_messages={"required": "Say in a sentence what is new and why: in a year nobody will remember."},
    )


def _in_one_line(text: object) -> str:
    return " ".join(str(text).split())
