"""What people fill in while setting up."""

from hmac import compare_digest
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from leadline.web.accounts.forms import ZONE_HELP, list_zones
from leadline.web.accounts.models import Source, User
from leadline.web.accounts.passwords import RULES, check_password
from leadline.web.accounts.tries import SETUP_CODE, allow_try


class WelcomeForm(forms.Form):
    """The first user and their workspace. *address*: from where it is filled in; a code may be tried only so often from there."""

    code = forms.CharField(
        max_length=100,
        label="Setup code",
        help_text="You find it in the terminal in which Leadline was started.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    workspace = forms.CharField(
        max_length=120, label="Your company", widget=forms.TextInput(attrs={"autocomplete": "organization"})
    )
    timezone = forms.ChoiceField(choices=list_zones, label="Time zone", help_text=ZONE_HELP)
    name = forms.CharField(max_length=120, label="Your name", widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(
        max_length=254, label="Your e-mail", widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=RULES,
    )
    with_starter = forms.BooleanField(
        required=False,
        initial=True,
        label="Begin with the starter playbook",
        help_text="A playbook says who is a good lead, and what shows interest. This one suits B2B software, scores your leads "
        "from the first day, and is yours to change.",
    )

    def __init__(self, *arguments: Any, address: str, **settings_of_form: Any) -> None:
        super().__init__(*arguments, **settings_of_form)
        self.address = address
        if not self.is_bound:
            self.fields["timezone"].widget.attrs["data-own-zone"] = ""  # shell.js chooses that of the browser
        if not settings.SETUP_CODE:
            del self.fields["code"]

    def clean_code(self) -> str:
        """Compare the code."""
        code: str = self.cleaned_data["code"]
        if not allow_try(SETUP_CODE, self.address):
            raise ValidationError("There were too many wrong codes. Wait a quarter of an hour, and try again.")
        if not compare_digest(code.encode(), settings.SETUP_CODE.encode()):
            raise ValidationError("This is not the code. You find it in the terminal in which Leadline was started.")
        return code

    def clean(self) -> dict[str, Any]:
        """Refuse a password that others would guess."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("password"):
            try:
                check_password(cleaned["password"], User(email=cleaned.get("email", ""), name=cleaned.get("name", "")))
            except ValidationError as error:
                self.add_error("password", error)
        return cleaned


class SourceForm(forms.Form):
    """A source to add."""

    name = forms.SlugField(
        max_length=60,
        error_messages={"invalid": "Take only small letters, digits and hyphens, such as my-website."},
        help_text="Small letters, digits and hyphens, such as website. Where two sources disagree on a fact, the playbook says "
        "by these names which is believed.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    kind = forms.ChoiceField(
        choices=[
            (
                Source.Kind.WEBSITE,
                "A website: its key can be read by anybody who visits, so what it says of people counts as unconfirmed",
            ),
            (Source.Kind.SERVER, "A server: its key stays secret, so what it says of people is believed"),
        ]
    )

    def clean_name(self) -> str:
        """Return the name in small letters, as playbooks write it."""
        return str(self.cleaned_data["name"]).lower()


class ConsentForm(forms.Form):
    """Whether the snippet waits for a visitor's consent."""

    waits_for_consent = forms.BooleanField(
        required=False,
        label="Wait for consent",
        help_text="Nothing is kept in a visitor’s browser and nothing is sent, until your page says that the visitor agreed.",
    )
