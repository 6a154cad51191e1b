"""Forms of the page: something known by hand, a note."""

import re
from typing import Any

from django import forms

from leadline.web.accounts.models import Workspace
from leadline.web.leads.facts import is_internal
from leadline.web.pages.lead_page.field_names import why_new

_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?")


class AddFactForm(forms.Form):
    """A value of a field that somebody knows, and how they know it. A field that nothing knows yet is asked about once (*is_new*)."""

    field = forms.CharField(
        label="Field",
        max_length=120,
        help_text="Such as title, budget_amount or questions.budget (yes, partly, no).",
        widget=forms.TextInput(attrs={"list": "field-names", "autocomplete": "off"}),
    )
    is_new = forms.BooleanField(label="It is a new field", required=False, widget=forms.HiddenInput)
    value = forms.CharField(
        label="Value", max_length=2000, required=False, help_text="Left empty, it takes back what people said before."
    )
    evidence = forms.CharField(label="How you know", max_length=1000, required=False)

    def __init__(self, *arguments: Any, workspace: Workspace | None = None, **names: Any) -> None:
        super().__init__(*arguments, **names)
        self.workspace = workspace

    def clean(self) -> dict[str, Any]:
        """Return what is to be noted, once it is clear that the field is meant."""
        said = dict(super().clean() or self.cleaned_data)
        is_new, field = said.pop("is_new", False), said.get("field")
        if field and self.workspace and not is_new and (problem := why_new(self.workspace, field)):
            self.fields["is_new"].widget = forms.CheckboxInput()
            self.add_error("field", problem)
        return said

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


class NoteForm(forms.Form):
    """Something to write down about a lead."""

    text = forms.CharField(
        label="Note",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write something first."},
    )
