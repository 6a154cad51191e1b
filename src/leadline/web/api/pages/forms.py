"""What somebody fills in to make a key."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils import timezone

from leadline.web.api.keys import SCOPES

EXPIRIES = {"30": "in 30 days", "90": "in 90 days", "365": "in a year", "never": "never"}


class ApiKeyForm(forms.Form):
    """A key to make: what it is for, what it may do, and until when."""

    name = forms.CharField(label="What it is for", max_length=60, help_text="Such as: CRM sync.")
    source = forms.CharField(
        label="Writes as",
        max_length=60,
        initial="api",
        validators=[
            RegexValidator(r"\A[-a-zA-Z0-9_]+\Z", "Take only small letters, digits and hyphens, such as crm-sync.")
        ],
        help_text="What this key writes carries this name. Where two sources disagree, the playbook says by their names which is believed.",
    )
    scopes = forms.MultipleChoiceField(
        label="May",
        choices=[(name, f"{meaning} ({name})") for name, meaning in SCOPES.items()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one thing that it may do."},
    )
    expires = forms.ChoiceField(label="Expires", choices=list(EXPIRIES.items()), initial="365")

    def clean_source(self) -> str:
        """Return the source's name as sources are called."""
        return str(self.cleaned_data["source"]).lower()

    def expires_at(self, now: datetime | None = None) -> datetime | None:
        """Return until when the key is to hold; None: for good."""
        days: Any = self.cleaned_data.get("expires")
        return (now or timezone.now()) + timedelta(days=int(days)) if days != "never" else None
