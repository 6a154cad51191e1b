"""Forms of saved views."""

from typing import Any

from django import forms

from leadline.web.accounts.models import Membership
from leadline.web.accounts.roles import EDITORS


class ViewForm(forms.Form):
    """A name for a list, and who sees it. Only editors share."""

    name = forms.CharField(
        label="Name", max_length=60, error_messages={"required": "Give the view a name, such as “Hot in Germany”."}
    )
    query = forms.CharField(max_length=4000, required=False, widget=forms.HiddenInput)
    is_shared = forms.BooleanField(label="Show it to everybody in the workspace", required=False)

    def __init__(self, *arguments: Any, member: Membership, **names: Any) -> None:
        super().__init__(*arguments, **names)
        if member.role not in EDITORS:
            del self.fields["is_shared"]

    def clean_name(self) -> str:
        """Return the name in one line."""
        return " ".join(str(self.cleaned_data["name"]).split())
