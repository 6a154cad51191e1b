"""Forms of the page: something known by hand, an answer, a note."""

import re
from typing import Any

from django import forms

from leadline.web.leads.facts import is_internal
from leadline.web.pages.lead_page.actions import ANSWERS
from leadline.web.pages.playbook_words import PlaybookWords

_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?")


class AddFactForm(forms.Form):
    """A value of a field that somebody knows, and how they know it."""

    field = forms.CharField(
        label="Field", max_length=120, help_text="Such as title, budget_amount or questions.budget (yes, partly, no)."
    )
    value = forms.CharField(
        label="Value", max_length=2000, required=False, help_text="Left empty, it takes back what people said before."
    )
    evidence = forms.CharField(label="How you know", max_length=1000, required=False)

    def clean_field(self) -> str:
        """Return the field in small letters; say what a field looks like when it does not look like one."""
        name = str(self.cleaned_data["field"]).strip().lower().replace(" ", "_").replace("-", "_")
        if is_internal(name) or not _NAME.fullmatch(name):
            raise forms.ValidationError(
                f"{name!r} is no name of a field. Use small letters, digits and underscores, such as budget_amount."
            )
        if name.startswith("consent."):
            raise forms.ValidationError("Consent needs its lawful basis: note it on the consent page.")
        return name


class AnswerForm(forms.Form):
    """What a person answered to a question of the playbook, and how one knows; empty takes back what people answered before."""

    question = forms.CharField(max_length=100)
    answer = forms.ChoiceField(choices=[("", "taken back"), *((one, one) for one in ANSWERS)], required=False)
    evidence = forms.CharField(max_length=1000, required=False)

    def __init__(self, *arguments: Any, words: PlaybookWords | None, **names: Any) -> None:
        super().__init__(*arguments, **names)
        self.words = words

    def clean_question(self) -> str:
        """Return a question that the live playbook asks."""
        question = str(self.cleaned_data["question"])
        if self.words is None or question not in {one.id for one in self.words.playbook.questions}:
            raise forms.ValidationError("The live playbook does not ask this any more. Nothing was noted.")
        return question


class NoteForm(forms.Form):
    """Something to write down about a lead."""

    text = forms.CharField(
        label="Note",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write something first."},
    )
