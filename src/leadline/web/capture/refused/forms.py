"""What of the refused events a person wants to see, and one as they mend it."""

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from leadline.web.accounts.models import Source, Workspace
from leadline.web.capture.models import RefusedEvent
from leadline.web.capture.refused.queries import Wanted, list_sources
from leadline.web.capture.refused.reasons import reason_of

_WITHIN = (MinValueValidator(date(1970, 1, 1)), MaxValueValidator(date(2200, 12, 31)))
"""Days next to the ends of time have no day before or after them, or none in every time zone."""


class WantedForm(forms.Form):
    """Filters of the list. What cannot be read filters nothing."""

    state = forms.ChoiceField(required=False, choices=RefusedEvent.State.choices)
    reason = forms.ChoiceField(required=False)
    source = forms.ModelChoiceField(required=False, queryset=Source.objects.none(), empty_label="Any source")
    first = forms.DateField(
        required=False, label="From", widget=forms.DateInput(attrs={"type": "date"}), validators=_WITHIN
    )
    last = forms.DateField(
        required=False, label="To", widget=forms.DateInput(attrs={"type": "date"}), validators=_WITHIN
    )

    def __init__(self, workspace: Workspace, codes: list[str], data: Any) -> None:
        super().__init__(data, auto_id="wanted-%s")
        self.fields["source"].queryset = list_sources(workspace)  # type: ignore[attr-defined]
        self.fields["reason"].choices = [  # type: ignore[attr-defined]
            ("", "Any reason"),
            *((code, reason_of(code).title) for code in codes),
        ]

    def wanted(self) -> Wanted:
        """Return what is asked for."""
        self.is_valid()
        asked = self.cleaned_data
        source = asked.get("source")
        return Wanted(
            state=asked.get("state") or RefusedEvent.State.OPEN,
            reason=asked.get("reason") or "",
            source_id=source.pk if source else None,
            first_day=asked.get("first"),
            last_day=asked.get("last"),
        )


class BodyForm(forms.Form):
    """A body as a person mends it."""

    body = forms.CharField(
        strip=False,
        label="What was sent",
        widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "false", "class": "code", "autocomplete": "off"}),
    )
