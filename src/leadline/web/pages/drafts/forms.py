"""What somebody fills in about a draft: where it begins, its texts, and the note with which it is published."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.text import slugify

from leadline.engine.playbook.load import MAX_BYTES
from leadline.engine.problems import Problem
from leadline.web.pages.drafts.fields import scores_with_criteria
from leadline.web.playbooks.models import Draft

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
        widget=forms.Textarea(attrs={**_CODE, "rows": 30, "data-numbered": True}),
        error_messages={"required": "A playbook has some text. A new draft can begin with our example."},
    )
    cases = forms.CharField(
        label="Cases",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={**_CODE, "rows": 10, "data-numbered": True}),
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


class AddForm(forms.Form):
    """A criterion to be added: what it is for, when it holds, and what it gives."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
    why = forms.CharField(
        label="Why it counts",
        max_length=300,
        help_text="One sentence, shown beside the points: “Asked for a demo”.",
        error_messages={"required": "Say in a sentence why it counts: sales reads it beside the points."},
    )
    score = forms.ChoiceField(label="Of which score")
    kind = forms.ChoiceField(
        label="What it looks at",
        choices=[
            ("event", "Something that they do"),
            ("when", "Who they are"),
            ("inactive_for", "How long they have been silent"),
        ],
    )
    event = forms.CharField(
        label="Event", required=False, max_length=100, help_text="For something that they do: “demo_requested”."
    )
    when = forms.CharField(
        label="Condition",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={**_CODE, "rows": 2}),
        help_text="Who they are: “country in ('DE', 'AT')”; of an event which ones count: “path like '/pricing%'”.",
    )
    inactive_for = forms.CharField(
        label="Silent for", required=False, max_length=10, help_text="For silence: “30d”, “6w”."
    )
    points = forms.CharField(label="Points", max_length=20, help_text="Such as 10 or −5.")
    id = forms.CharField(
        label="Id",
        required=False,
        max_length=60,
        help_text="Its name in the text. Left empty, it is made of the sentence.",
    )

    def __init__(self, data: QueryDict | None = None, *, draft: Draft, score: str = "") -> None:
        super().__init__(data, initial={"revision": draft.revision, "score": score}, auto_id="add_%s")
        choice = self.fields["score"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = scores_with_criteria(draft.toml)

    def clean(self) -> dict[str, Any]:
        """Make an id of the sentence where none was given."""
        cleaned = super().clean() or {}
        cleaned["id"] = cleaned.get("id") or slugify(cleaned.get("why", ""))[:60].strip("-") or "new"
        return cleaned

    def tell(self, problems: Iterable[Problem]) -> None:
        """Say beside each field what is wrong with it."""
        for one in problems:
            self.add_error(one.where if one.where in self.fields else None, one.message)


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
    override = forms.CharField(
        label="Why it cannot wait for the approvals",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It stands beside the version for good.",
        error_messages={"required": "Say why it cannot wait: it stands beside the version for good."},
    )

    def __init__(self, *arguments: Any, is_override: bool = False, **names: Any) -> None:
        super().__init__(*arguments, **names)
        if not is_override:
            del self.fields["override"]


def _in_one_line(text: object) -> str:
    return " ".join(str(text).split())
