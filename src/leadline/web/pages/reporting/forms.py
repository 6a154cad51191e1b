"""What somebody fills in to report what became of a lead."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from leadline.web.pages.playbook_words import PlaybookWords
from leadline.web.pages.reporting.actions import REFERRALS
from leadline.web.pages.selected.kinds import OutcomeForm

_FIRST_YEAR = 1990
"""Nothing that a playbook looks at is older."""


class ReportForm(OutcomeForm):
    """What became of them, with what it is worth and when it was."""

    value = forms.DecimalField(
        label="Worth",
        required=False,
        max_digits=16,
        decimal_places=2,
        min_value=0,
        help_text="Of an opportunity or a deal.",
    )
    at = forms.DateTimeField(
        label="When",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"],
        help_text="Left empty: now.",
        error_messages={"invalid": "Write the moment as 2026-03-02 14:30."},
    )

    def __init__(self, *arguments: Any, words: PlaybookWords | None = None, **names: Any) -> None:
        super().__init__(*arguments, words=words, **names)
        what = self.fields["what"]
        assert isinstance(what, forms.ChoiceField)
        referrals = [(f"event:{name}", title) for name, title in REFERRALS.items()]
        what.choices = [*list(what.choices), ("Referrals", referrals)]  # type: ignore[arg-type]

    def clean_at(self) -> datetime | None:
        """Refuse what has not happened yet."""
        at: datetime | None = self.cleaned_data["at"]
        if at is not None and at.year < _FIRST_YEAR:
            raise forms.ValidationError(f"Choose a moment that is not before {_FIRST_YEAR}.")
        if at is not None and (at.year > timezone.now().year or at > timezone.now()):
            raise forms.ValidationError("That has not happened yet: choose a moment that is over.")
        return at
