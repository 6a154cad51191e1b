"""What a person fills in to make or change a form: about it, and one row for each thing that it asks. It works without JavaScript."""

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseFormSet, BoundField, formset_factory
from django.utils.text import slugify

from leadline.web.capture.forms.answer_form import TRAP
from leadline.web.capture.forms.consents import A_SCORING_TEXT, BOXES, MOST_TEXT
from leadline.web.capture.forms.fields import (
    LABELS,
    MOST_FIELDS,
    TYPES,
    WITH_OPTIONS,
    AskedField,
    find_faults,
    name_for,
)
from leadline.web.capture.forms.guard import find_origin
from leadline.web.capture.models import Form
from leadline.web.leads.names import event_name, worded_field

if TYPE_CHECKING:  # Django's own classes say of what they are to a type checker only
    _FormOfAForm = forms.ModelForm[Form]
    _RowsOfAForm = BaseFormSet["FieldRow"]
else:
    _FormOfAForm = forms.ModelForm
    _RowsOfAForm = BaseFormSet

MOST_ROWS = MOST_FIELDS + 20
_TAKEN_NAMES = ("form", "user_agent", "ticket", TRAP, *BOXES.values())
"""Names that a form uses itself."""


class FormEditor(_FormOfAForm):
    """About a form. Fields are in `FieldRow`s."""

    title = forms.CharField(label="Title", max_length=200, help_text="What visitors read at the top.")
    slug = forms.SlugField(
        label="Address",
        max_length=60,
        required=False,
        help_text="The last part of its address. Empty: made of the title.",
    )
    event = forms.CharField(
        label="Event",
        max_length=120,
        help_text="What an answer is called in the playbook, such as demo_requested or contact_requested.",
    )
    intro = forms.CharField(label="Introduction", required=False, max_length=5_000, widget=forms.Textarea({"rows": 3}))
    contact_text = forms.CharField(
        label="To being contacted",
        required=False,
        max_length=MOST_TEXT,
        widget=forms.Textarea({"rows": 2}),
        help_text="The words beside the box, such as: You may write to me about your products.",
    )
    scoring_text = forms.CharField(
        label="To being scored",
        required=False,
        max_length=MOST_TEXT,
        widget=forms.Textarea({"rows": 2}),
        help_text=f"The words beside the box, such as: {A_SCORING_TEXT}",
    )
    thanks = forms.CharField(label="Words of thanks", max_length=5_000, widget=forms.Textarea({"rows": 2}))
    origins = forms.CharField(
        label="Sites that may embed it",
        required=False,
        widget=forms.Textarea({"rows": 3, "class": "code", "spellcheck": "false"}),
        help_text="One a line, such as https://www.acme.com. Empty: only our own page.",
    )

    class Meta:
        model = Form
        fields = ("title", "slug", "event", "intro", "contact_text", "scoring_text", "thanks", "origins")

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.label_suffix = ""
        self.initial.setdefault("origins", "\n".join(self.instance.origins))
        if isinstance(self.initial["origins"], list):
            self.initial["origins"] = "\n".join(self.initial["origins"])

    def consents(self) -> list[BoundField]:
        """Return what is about consent."""
        return [self["contact_text"], self["scoring_text"]]

    def first(self) -> list[BoundField]:
        """Return what every form needs words for."""
        return [self["title"], self["event"], self["intro"]]

    def rest(self) -> list[BoundField]:
        """Return what may stay as it is."""
        return [self["slug"], self["thanks"], self["origins"]]

    def has_errors_in_rest(self) -> bool:
        """Return whether something of it has to be mended."""
        return any(one.errors for one in self.rest())

    def clean_event(self) -> str:
        """Return the event's name in a playbook's words."""
        name = event_name(self.cleaned_data["event"])
        if not name:
            raise ValidationError("An event's name has letters or digits, such as demo_requested.")
        return name

    def clean_origins(self) -> list[str]:
        """Return the sites, each in its one spelling; all that are none are named at once."""
        lines = [line.strip() for line in self.cleaned_data["origins"].splitlines() if line.strip()]
        sites = [find_origin(line) for line in lines]
        wrong = [line for line, site in zip(lines, sites, strict=True) if site is None]
        if wrong:
            raise ValidationError(
                f"{', '.join(wrong)}: a site looks like https://www.acme.com, with https:// and nothing after the name."
            )
        return list(dict.fromkeys(site for site in sites if site is not None))

    def clean(self) -> dict[str, Any]:
        """Make the address of the title where it was left empty, and say when it is taken."""
        data: dict[str, Any] = super().clean() or {}
        slug = data.get("slug") or slugify(data.get("title", ""))[:60].strip("-")
        if not slug and "title" in data and "slug" in data:
            self.add_error(
                "slug", "The title has no Latin letters to make an address of. Please write one, such as demo."
            )
        others = Form.objects.filter(workspace=self.instance.workspace_id, slug=slug).exclude(pk=self.instance.pk)
        if slug and others.exists():
            self.add_error("slug", f"There is a form at “{slug}” already.")
        data["slug"] = slug
        return data


class FieldRow(forms.Form):
    """One thing that a form asks."""

    name = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    label = forms.CharField(label="Label", required=False, max_length=200)
    type = forms.ChoiceField(label="Kind", choices=[(one, LABELS[one]) for one in TYPES], initial="text")
    required = forms.BooleanField(label="Has to be filled in", required=False)
    fact = forms.CharField(
        label="Becomes the fact",
        required=False,
        max_length=100,
        widget=forms.TextInput({"list": "known-facts", "autocomplete": "off"}),
        help_text="Empty: it is kept with the event only.",
    )
    options = forms.CharField(
        label="Options",
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text="One a line, where there are any.",
    )

    @property
    def is_open(self) -> bool:
        """Whether the page shows all of it at once: there is something to mend, or options are needed."""
        return bool(self.errors) or self["type"].value() in WITH_OPTIONS

    def asked(self, taken: list[str]) -> AskedField:
        """Return it as a field with a name that is not taken; one that has a name of ours keeps it."""
        data = self.cleaned_data
        is_ours = data["name"] and data["name"] == worded_field(data["name"])
        lines = [line.strip() for line in data["options"].splitlines() if line.strip()]
        return AskedField(
            name=data["name"] if is_ours and data["name"] not in taken else name_for(data["label"], taken),
            label=data["label"],
            type=data["type"],
            required=data["required"],
            options=tuple(line[:200] for line in lines) if data["type"] in WITH_OPTIONS or lines else (),
            fact=_fact_name(data["fact"]),
        )


class _Rows(_RowsOfAForm):
    """The rows together: what is wrong with one is said beside it."""

    asked: list[AskedField]
    """What they ask, also where something is wrong with it; there once they were checked."""

    def clean(self) -> None:
        """Check what the rows ask together."""
        self.asked, rows, taken = [], [], list(_TAKEN_NAMES)
        in_order = sorted(
            (row for row in self.forms if row.is_valid() and row.cleaned_data.get("label")),
            key=lambda row: (row.cleaned_data.get("ORDER") is None, row.cleaned_data.get("ORDER") or 0),
        )
        for row in in_order:
            if not row.cleaned_data.get("DELETE"):
                self.asked.append(row.asked(taken))
                taken.append(self.asked[-1].name)
                rows.append(row)
        faults = find_faults(self.asked)
        for place, text in faults:
            if place is not None:
                rows[place].add_error(None, text)
        whole = [text for place, text in faults if place is None]
        if whole:
            raise ValidationError(whole)

    def add_fields(self, form: FieldRow, index: int | None) -> None:
        """Say what the formset's own fields are for."""
        super().add_fields(form, index)
        form.label_suffix = ""
        form.fields["ORDER"].label = "Place"
        form.fields["DELETE"].label = "Leave it out"


def _rows_class() -> type[_Rows]:
    made = formset_factory(
        FieldRow,
        formset=_Rows,
        extra=0,
        can_order=True,
        can_delete=True,
        max_num=MOST_ROWS,
        absolute_max=MOST_ROWS,
    )
    return cast(type[_Rows], made)


FieldRows = _rows_class()
"""All rows of a form."""


def initial_rows(fields: list[AskedField]) -> list[dict[str, Any]]:
    """Return what the rows show of fields that there are."""
    return [{**one.as_json(), "options": "\n".join(one.options)} for one in fields]


def _fact_name(text: str) -> str:
    """Return a fact's name in a playbook's words; a prefix with a dot stays, so that it can be complained about."""
    before, dot, after = text.strip().partition(".")
    return f"{worded_field(before)}.{worded_field(after)}" if dot else worded_field(before)
