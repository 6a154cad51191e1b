"""What somebody fills in at a hand-off."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from leadline.web.handoff.actions.working import CALL_RESULTS

_SHORT = forms.Textarea(attrs={"rows": 2})


def _moment(text: str) -> datetime:
    """Return a moment as the buttons name it; without an offset it is of the workspace's zone.

    Raises:
        forms.ValidationError: it is none.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise forms.ValidationError("Choose until when, or write it as 2026-03-02T09:00.") from None
    return found if timezone.is_aware(found) else timezone.make_aware(found)


class CallForm(forms.Form):
    """How a call went, and when one calls again. times: moments that are offered, each with its name."""

    result = forms.ChoiceField(
        label="How it went",
        choices=[("", "Choose"), *CALL_RESULTS.items()],
        error_messages={"required": "Choose how the call went."},
    )
    text = forms.CharField(label="What was said", required=False, max_length=2000, widget=_SHORT)
    again = forms.CharField(
        label="Call again",
        required=False,
        max_length=40,
        widget=forms.Select,
        help_text="It is put off until then; what you have accepted stays where it is, and says when.",
    )

    def __init__(self, *args: Any, times: Sequence[tuple[str, str]] = (), **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.fields["again"].widget.choices = [("", "Not planned"), *times]

    def clean_again(self) -> datetime | None:
        """Return the moment, if there is one."""
        return _moment(self.cleaned_data["again"]) if self.cleaned_data["again"] else None


class MeetingForm(forms.Form):
    """When and where one meets."""

    at = forms.DateTimeField(
        label="When",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        error_messages={"invalid": "Write the moment as 2026-03-02 14:30.", "required": "Say when you meet."},
    )
    minutes = forms.IntegerField(label="Minutes", min_value=1, max_value=1440, initial=30)
    place = forms.CharField(label="Where", required=False, max_length=500, help_text="An address, a room, a link.")


class MoveForm(MeetingForm):
    """Where and when a meeting is to be instead."""

    meeting = forms.IntegerField(min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)


class CancelForm(forms.Form):
    """Which meeting does not take place."""

    meeting = forms.IntegerField(min_value=1, max_value=2**63 - 1)


class SnoozeForm(forms.Form):
    """Until when."""

    until = forms.CharField(max_length=40)

    def clean_until(self) -> datetime:
        """Return the moment."""
        return _moment(self.cleaned_data["until"])


class DecideForm(forms.Form):
    """A decision with its reason: ``recycled:timing``."""

    decision = forms.CharField(max_length=100, error_messages={"required": "Choose what you decide, and why."})
    text = forms.CharField(label="More about it", required=False, max_length=2000, widget=_SHORT)

    def clean_decision(self) -> dict[str, Any]:
        """Return the decision and the reason."""
        decision, _, reason = self.cleaned_data["decision"].partition(":")
        return {"decision": decision, "reason": reason}


class AssignForm(forms.Form):
    """To whom."""

    to = forms.IntegerField(min_value=1, max_value=2**31 - 1)


class QueueNoteForm(forms.Form):
    """A note about the lead."""

    text = forms.CharField(
        label="Note", max_length=5000, widget=_SHORT, error_messages={"required": "Write something."}
    )


class UndoForm(forms.Form):
    """Which step somebody saw and takes back; none: the last that is theirs."""

    step = forms.IntegerField(min_value=1, max_value=2**63 - 1, required=False)
