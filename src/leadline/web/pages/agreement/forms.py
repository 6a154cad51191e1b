"""What is filled in to promise a number of hand-offs."""

from datetime import date

from django import forms

from leadline.web.handoff.figures.periods import FIRST_DAY, LAST_DAY

MOST_A_WEEK = 100_000


class PromiseForm(forms.Form):
    """How many hand-offs a week marketing promises, and from when on."""

    per_week = forms.IntegerField(
        label="Hand-offs a week",
        min_value=0,
        max_value=MOST_A_WEEK,
        help_text="0: none are promised any more.",
        error_messages={
            "required": "Write how many hand-offs a week are promised.",
            "invalid": "Write a whole number, such as 40.",
        },
    )
    from_day = forms.DateField(
        label="From",
        help_text="A week is measured by what holds on its Monday.",
        error_messages={
            "required": "Choose from which day on it holds.",
            "invalid": "Write a day as 2026-03-02.",
        },
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )

    def clean_from_day(self) -> date:
        """Return the day.

        Raises:
            ValidationError: it is too far away to be meant.
        """
        day: date = self.cleaned_data["from_day"]
        if not FIRST_DAY <= day <= LAST_DAY:
            raise forms.ValidationError("Choose a day between 1971 and 2199.")
        return day
