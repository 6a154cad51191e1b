"""What is filled in about proposals: what one puts forward, what one says, and what one approves."""

from typing import Any

from django import forms

from leadline.web.playbooks.models import Side

_MOST = 2_000
_HASH = 64
_LARGEST = 2**31 - 1


class PutForwardForm(forms.Form):
    """What is proposed, and why."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=_LARGEST)
    title = forms.CharField(
        label="What is proposed",
        max_length=120,
        help_text="In a line, such as “Webinars count less”.",
        error_messages={"required": "Say in a line what is proposed."},
    )
    why = forms.CharField(
        label="Why",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Both sides read it before they approve, and everybody who asks in a year.",
        error_messages={"required": "Say why: who approves has to know, and in a year nobody will remember."},
    )

    def clean_title(self) -> str:
        """Return the title in one line."""
        return " ".join(str(self.cleaned_data["title"]).split())


class CommentForm(forms.Form):
    """Something that one says on a proposal."""

    text = forms.CharField(
        label="Your comment",
        max_length=_MOST,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write what you want to say."},
    )


class ApproveForm(forms.Form):
    """For which side one approves which text, beside which version."""

    side = forms.ChoiceField(choices=Side.choices, widget=forms.HiddenInput)
    digest = forms.CharField(min_length=_HASH, max_length=_HASH, widget=forms.HiddenInput)
    base_number = forms.IntegerField(min_value=0, max_value=_LARGEST, widget=forms.HiddenInput)
    text = forms.CharField(
        label="What you say with it",
        required=False,
        max_length=_MOST,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Needed to ask for changes.",
    )

    def __init__(self, *arguments: Any, sides: tuple[Side, ...] = tuple(Side), **names: Any) -> None:
        super().__init__(*arguments, **{"auto_id": "say_%s"} | names)
        side = self.fields["side"]
        assert isinstance(side, forms.ChoiceField)
        side.choices = [(str(one.value), f"for {one.value}") for one in sides]
        side.initial = str(sides[0].value) if sides else ""
        if len(sides) > 1:
            side.label, side.widget = "I speak", forms.RadioSelect(choices=side.choices)


class AskForm(ApproveForm):
    """What has to be changed before one approves."""

    def __init__(self, *arguments: Any, **names: Any) -> None:
        super().__init__(*arguments, **names)
        self.fields["text"].required = True
        self.fields["text"].error_messages["required"] = "Say what has to be changed, so that somebody can change it."


class WithdrawForm(forms.Form):
    """Why a proposal is withdrawn."""

    text = forms.CharField(label="Why", required=False, max_length=_MOST)
