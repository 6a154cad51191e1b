"""Forms of endpoints."""

from datetime import date

from django import forms
from django.utils import timezone

from leadline.web.outgoing.addresses import AddressRefusedError, read_url
from leadline.web.outgoing.webhooks import TYPES

_FIRST_DAY = date(2000, 1, 1)


class EndpointForm(forms.Form):
    """Where webhooks go, and which."""

    url = forms.CharField(
        label="Address",
        max_length=2000,
        help_text="It begins with https:// and is asked with POST.",
        error_messages={"required": "Give the address, such as https://crm.example.com/leadline."},
    )
    description = forms.CharField(label="What it is", max_length=200, required=False)
    types = forms.MultipleChoiceField(
        label="What it is told",
        choices=[(name, f"{meaning} ({name})") for name, meaning in TYPES.items()],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Tick none to tell it everything.",
    )

    def clean_url(self) -> str:
        """Refuse an address to which nothing may go."""
        url = str(self.cleaned_data["url"])
        try:
            read_url(url)
        except AddressRefusedError as error:
            raise forms.ValidationError(str(error)) from None
        return url

    def clean_description(self) -> str:
        """Return the description in one line."""
        return " ".join(str(self.cleaned_data["description"]).split())


class SinceForm(forms.Form):
    """From which day on what failed is sent again."""

    since = forms.DateField(
        label="Failed since",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "Choose a day.", "invalid": "Choose a day, such as 2026-03-02."},
    )

    def clean_since(self) -> date:
        """Refuse days at the ends of time, which no moment can be made of."""
        since: date = self.cleaned_data["since"]
        if not _FIRST_DAY <= since <= timezone.localdate():
            raise forms.ValidationError("Choose a day that is over, and not before 2000.")
        return since
