"""What people fill in about teams and how they work."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from leadline.web.accounts.models import Membership, Workspace
from leadline.web.handoff.models import Absence, WorkCalendar

_MOST_AT_ONCE = 10_000
_LAST_YEAR = 2200
_MOST_HOURS = 1_000


def _in_one_line(text: object) -> str:
    return " ".join(str(text).split())


class TeamForm(forms.Form):
    """A team: its id in the playbook, and what people call it."""

    slug = forms.CharField(
        label="Id in the playbook",
        max_length=60,
        help_text="What the playbook’s routes name, letter by letter: “to” and “otherwise”.",
        error_messages={"required": "Write the id by which the playbook names the team, such as “enterprise”."},
    )
    name = forms.CharField(
        label="Name", max_length=100, error_messages={"required": "Give the team a name, such as “Enterprise”."}
    )

    def clean_slug(self) -> str:
        """Return the id in one line."""
        return _in_one_line(self.cleaned_data["slug"])

    def clean_name(self) -> str:
        """Return the name in one line."""
        return _in_one_line(self.cleaned_data["name"])


class TeamSettingsForm(TeamForm):
    """All that is said of a team: also its hours, and what follows when an answer is late."""

    calendar = forms.ModelChoiceField(
        WorkCalendar.objects.none(),
        label="Working hours",
        required=False,
        empty_label="The workspace’s",
        help_text="Of its people who have none of their own, and of what waits for nobody in particular.",
    )
    gives_on = forms.BooleanField(
        label="Give a late hand-off to the next in the turns",
        required=False,
        help_text="Once. Who had it is told; that it was late stays true.",
    )
    gives_on_away = forms.BooleanField(
        label="When somebody is away, give on what falls due before they are back",
        required=False,
        help_text="To the next in the turns, when the absence begins. What they have claimed stays theirs.",
    )
    raises_after = forms.IntegerField(
        label="Working hours after which a late one comes to the administrators",
        required=False,
        min_value=1,
        max_value=_MOST_HOURS,
        help_text="If it still waits by then. Empty: it stays with the managers.",
    )

    def __init__(self, *arguments: Any, workspace: Workspace, **names: Any) -> None:
        super().__init__(*arguments, **names)
        field = self.fields["calendar"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = WorkCalendar.objects.filter(workspace=workspace).order_by("name", "pk")


class MemberField(forms.ModelChoiceField):  # type: ignore[type-arg]  # takes none at run time
    """Somebody of the workspace, by name."""

    def label_from_instance(self, obj: Any) -> str:
        """Return what the choice says."""
        return str(obj.user)


class AddForm(forms.Form):
    """Who is to join a team: one of those who are not in it."""

    member = MemberField(
        Membership.objects.none(),
        label="Who",
        empty_label="Choose somebody",
        error_messages={
            "required": "Choose who joins the team.",
            "invalid_choice": "Choose somebody who works leads in this workspace and is not in the team yet.",
        },
    )

    def __init__(self, *arguments: Any, choices: Any, **names: Any) -> None:
        super().__init__(*arguments, **names)
        field = self.fields["member"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = choices


class OpenForm(forms.Form):
    """Whether new hand-offs come to somebody."""

    is_open = forms.BooleanField(label="New hand-offs come to me", required=False)


class SeatForm(forms.Form):
    """How somebody works hand-offs."""

    capacity = forms.IntegerField(
        label="Works at once",
        required=False,
        min_value=0,
        max_value=_MOST_AT_ONCE,
        help_text="With so many open, no more come by turns. Empty: any number.",
    )
    calendar = forms.ModelChoiceField(
        WorkCalendar.objects.none(), label="Working hours", required=False, empty_label="The workspace’s calendar"
    )
    is_open = forms.BooleanField(label="New hand-offs come to them", required=False)

    def __init__(self, *arguments: Any, workspace: Workspace, **names: Any) -> None:
        super().__init__(*arguments, **names)
        field = self.fields["calendar"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = WorkCalendar.objects.filter(workspace=workspace).order_by("name")


class AbsenceForm(forms.Form):
    """Days out of office."""

    first = forms.DateField(
        label="First day away",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "Say the first day.", "invalid": "Write a day as 2026-03-05."},
    )
    last = forms.DateField(
        label="Last day away",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "Say the last day.", "invalid": "Write a day as 2026-03-05."},
    )
    why = forms.CharField(label="Why", required=False, max_length=100)

    def __init__(self, *arguments: Any, today: date, others: Iterable[Absence] = (), **names: Any) -> None:
        super().__init__(*arguments, **names)
        self.today, self.others = today, others

    def _refuse_overlap(self, first: date, last: date) -> None:
        """Refuse days that are noted already."""
        for one in self.others:
            begins, ends = timezone.localtime(one.begins_at), timezone.localtime(one.ends_at)
            if begins.date() <= last and first < ends.date():
                noted = f"{begins.day} {begins:%B %Y}, back on {ends.day} {ends:%B %Y}"
                self.add_error("first", f"An absence in these days is noted already: from {noted}.")
                return

    def clean_why(self) -> str:
        """Return why in one line."""
        return _in_one_line(self.cleaned_data["why"])

    def clean_first(self) -> date:
        """Return the first day."""
        return self._within(self.cleaned_data["first"])

    def clean_last(self) -> date:
        """Return the last day: not before today."""
        last = self._within(self.cleaned_data["last"])
        if last < self.today:
            raise forms.ValidationError("That is over already: nothing would follow from it.")
        return last

    def clean(self) -> dict[str, Any]:
        """Check that the last day is not before the first."""
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first and last and last < first:
            self.add_error("last", "The last day comes before the first.")
        elif first and last:
            self._refuse_overlap(first, last)
        return self.cleaned_data

    @staticmethod
    def _within(day: date) -> date:
        if not 2000 <= day.year <= _LAST_YEAR:
            raise forms.ValidationError("Write a year that anybody works in.")
        return day
