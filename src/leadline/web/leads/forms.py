"""Forms of the pages on consent, erasure, duplicates and titles. They check what was typed; actions do the rest."""

from typing import Any

from django import forms

from leadline.web.leads.consent import MOST_HOW, MOST_SHOWN, Basis, Purpose
from leadline.web.leads.title_table import SENIORITIES, load_table
from leadline.web.leads.title_words import words_of


class ConsentForm(forms.Form):
    """A word on consent: yes on a basis, or no."""

    purpose = forms.ChoiceField(label="For what", choices=Purpose.choices)
    word = forms.ChoiceField(
        label="What holds", choices=[("yes", "We may"), ("no", "We may not: they said no, or took it back")]
    )
    basis = forms.ChoiceField(
        label="Lawful basis",
        choices=[("", "Choose one"), *Basis.choices],
        required=False,
        help_text="Article 6 (1) of the GDPR. Needed for a yes.",
    )
    how = forms.CharField(
        label="How do we know?", max_length=MOST_HOW, help_text="A form, a contract, a call on a day."
    )
    text = forms.CharField(
        label="What they were shown",
        max_length=MOST_SHOWN,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Word for word, where there was something to read.",
    )

    def clean(self) -> dict[str, Any]:
        """A yes needs a basis."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("word") == "yes" and not cleaned.get("basis"):
            self.add_error("basis", "Choose the lawful basis on which we may.")
        return cleaned


class EraseForm(forms.Form):
    """The plain question before somebody is erased."""

    is_sure = forms.BooleanField(
        label="I understand that this cannot be undone",
        error_messages={"required": "Tick this to erase them. Nothing was erased."},
    )


class TitleRuleForm(forms.Form):
    """A rule on titles: some words, and what they say."""

    pattern = forms.CharField(
        label="Words in the title",
        max_length=120,
        help_text="They have to stand side by side, in this order. Case, accents and punctuation do not matter.",
    )
    seniority = forms.ChoiceField(label="Seniority", required=False)
    function = forms.ChoiceField(label="Function", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seniority"].choices = [("", "as the table says"), *((one, one) for one in SENIORITIES)]  # type: ignore[attr-defined]
        self.fields["function"].choices = [("", "as the table says"), *((one, one) for one in load_table().functions)]  # type: ignore[attr-defined]

    def clean_pattern(self) -> str:
        """At least one word has to be left when punctuation is gone."""
        words = words_of(self.cleaned_data["pattern"])
        if not words:
            raise forms.ValidationError("There is no word in it. Write some words as they stand in titles.")
        return " ".join(words)

    def clean(self) -> dict[str, Any]:
        """A rule has to say something."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not (cleaned.get("seniority") or cleaned.get("function")):
            raise forms.ValidationError("Choose a seniority, a function or both: the rule says nothing yet.")
        return cleaned
