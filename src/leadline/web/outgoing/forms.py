"""Forms of endpoints."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone

from leadline.web.outgoing.addresses import AddressRefusedError, read_url
from leadline.web.outgoing.webhooks import TYPES

_FIRST_DAY = date(2000, 1, 1)


def _say_ports(ports: Collection[int]) -> str:
    """Return which ports are allowed.

    >>> _say_ports([443]), _say_ports([443, 8443, 9443])
    ('port 443', 'one of the ports 443, 8443 and 9443')
    """
    *others, last = (str(one) for one in sorted(ports))
    return f"one of the ports {', '.join(others)} and {last}" if others else f"port {last}"


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

    def __init__(self, *arguments: Any, **names: Any) -> None:
        super().__init__(*arguments, **names)
        if not settings.WEBHOOKS_TO_THIS_MACHINE:
            self.fields[
                "url"
            ].help_text += f" It may name {_say_ports(settings.WEBHOOKS_PORTS)}; named none, it is 443."

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
