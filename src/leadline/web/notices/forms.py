"""What people fill in about notices."""

from collections.abc import Iterator
from datetime import time
from typing import Any

from django import forms

from leadline.web.accounts.forms import list_zones
from leadline.web.accounts.models import Workspace
from leadline.web.accounts.roles import EDITORS, LEADERS, WORKERS, Role
from leadline.web.notices.models import Channel, Kind, Preference
from leadline.web.notices.wishes import MAIL_WAYS, OF_A_CHANNEL, TOPICS, Way, way_of
from leadline.web.outgoing.addresses import AddressRefusedError, read_url


def list_zones_and_the_workspaces() -> list[tuple[str, str]]:
    """Return the time zones that can be chosen, and first none of one's own."""
    return [("", "the workspace’s"), *list_zones()]


def topics_for(role: str) -> dict[str, str]:
    """Return what can ever come to somebody of a role (`whom.py`), with titles.

    What goes to managers goes to administrators where there is no manager; what goes to marketers likewise. Nothing comes to viewers.
    """
    others: dict[str, tuple[Role, ...]] = {Kind.ESCALATED: LEADERS, Kind.SENT_BACK: EDITORS}
    return {topic: title for topic, title in TOPICS.items() if role in others.get(topic, WORKERS)}


class PreferenceForm(forms.Form):
    """How somebody wants to be told: for each topic in the app and by mail; when mails leave."""

    digest_hour = forms.TypedChoiceField(
        label="The day’s mail leaves at",
        choices=[(hour, f"{hour:02}:00") for hour in range(24)],
        coerce=int,
        help_text="On Monday to Friday. What you read in the app before is not mailed.",
    )
    timezone = forms.ChoiceField(label="In the time zone", choices=list_zones_and_the_workspaces, required=False)
    quiet_from = forms.TimeField(
        label="No mails from",
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "Write a time such as 20:00."},
    )
    quiet_until = forms.TimeField(
        label="Until",
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text="They wait until then. It may be after midnight.",
        error_messages={"invalid": "Write a time such as 07:00."},
    )

    def __init__(
        self, *arguments: Any, preference: Preference | None, workspace: Workspace, role: str, **names: Any
    ) -> None:
        self.preference, self.topics = preference, topics_for(role)
        kept = preference or Preference()
        initial = {
            "digest_hour": kept.digest_hour,
            "timezone": kept.timezone,
            "quiet_from": kept.quiet_from,
            "quiet_until": kept.quiet_until,
        }
        super().__init__(*arguments, **(names | {"initial": initial}))
        zone = self.fields["timezone"]
        assert isinstance(zone, forms.ChoiceField)
        zone.help_text = f"The workspace’s is {workspace.timezone}."
        for topic, title in self.topics.items():
            way = way_of(preference, topic)
            label = f"{title}: in the app"
            self.fields[f"app-{topic}"] = forms.BooleanField(label=label, required=False, initial=way.in_app)
            self.fields[f"mail-{topic}"] = forms.ChoiceField(
                label=f"{title}: by mail", choices=MAIL_WAYS, initial=way.mail
            )

    @property
    def rows(self) -> Iterator[tuple[str, forms.BoundField, forms.BoundField]]:
        """The topics with their fields."""
        for topic, title in self.topics.items():
            yield title, self[f"app-{topic}"], self[f"mail-{topic}"]

    @property
    def other_fields(self) -> list[forms.BoundField]:
        """The fields that are of no topic."""
        return [self[name] for name in ("digest_hour", "timezone", "quiet_from", "quiet_until")]

    def clean(self) -> dict[str, Any]:
        """Refuse quiet hours that have one end only."""
        said = super().clean() or {}
        begins, ends = said.get("quiet_from"), said.get("quiet_until")
        if "quiet_from" in said and "quiet_until" in said and (begins is None) != (ends is None):
            missing = "quiet_from" if begins is None else "quiet_until"
            self.add_error(missing, "Quiet hours need a beginning and an end; leave both empty for none.")
        elif begins is not None and begins == ends:
            self.add_error("quiet_until", "Quiet hours end at another time than they begin.")
        return said

    @property
    def chosen(self) -> dict[str, Any]:
        """What was chosen, as `choose_ways` takes it."""
        said = self.cleaned_data
        begins: time | None = said["quiet_from"]
        return {
            "ways": {topic: way_of(self.preference, topic) for topic in TOPICS}
            | {topic: Way(in_app=said[f"app-{topic}"], mail=said[f"mail-{topic}"]) for topic in self.topics},
            "timezone": said["timezone"],
            "digest_hour": said["digest_hour"],
            "quiet": None if begins is None else (begins, said["quiet_until"]),
        }


class ChannelForm(forms.Form):
    """A channel that is told: where it is, and of what."""

    program = forms.ChoiceField(label="Program", choices=Channel.Program.choices)
    name = forms.CharField(
        label="Name", max_length=80, error_messages={"required": "Give the channel a name, such as “#inbound”."}
    )
    url = forms.CharField(
        label="Address of the incoming webhook",
        max_length=2000,
        help_text="Slack and Teams make it. Whoever has it can write in the channel, so it is not shown again.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "url"}),
        error_messages={"required": "Paste the address that the program gave you."},
    )
    topics = forms.MultipleChoiceField(
        label="What it is told",
        choices=[(str(topic), title) for topic, title in OF_A_CHANNEL.items()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one."},
    )

    def clean_name(self) -> str:
        """Return the name in one line."""
        return " ".join(str(self.cleaned_data["name"]).split())

    def clean_url(self) -> str:
        """Return the address, if webhooks may go there."""
        url = str(self.cleaned_data["url"]).strip()
        try:
            read_url(url)
        except AddressRefusedError as error:
            raise forms.ValidationError(str(error)) from None
        return url


class ChangeChannelForm(ChannelForm):
    """A channel as it is to be. Its address is not shown: who leaves the field empty leaves it as it is."""

    def __init__(self, *arguments: Any, **names: Any) -> None:
        super().__init__(*arguments, **names)
        del self.fields["program"]
        url = self.fields["url"]
        url.label, url.required = "Another address of the incoming webhook", False
        url.help_text = "Empty: the address stays. What waits for the channel goes to the new one."

    def clean_url(self) -> str:
        """Return the new address, if webhooks may go there; empty: the old one stays."""
        return super().clean_url() if str(self.cleaned_data["url"]).strip() else ""
