"""What people fill in about accounts: signing in, passwords, members, the workspace."""

import threading
import zoneinfo
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, PasswordResetForm, SetPasswordForm
from django.core.exceptions import ValidationError

from leadline.web.accounts.addresses import client_address
from leadline.web.accounts.models import Membership, User
from leadline.web.accounts.passwords import RULES, check_password
from leadline.web.accounts.tries import (
    NEW_PASSWORD_OF_ACCOUNT,
    NEW_PASSWORD_OF_ADDRESS,
    SIGN_IN_OF_ACCOUNT,
    SIGN_IN_OF_ADDRESS,
    allow_try,
    forget_tries,
)

ROLES = {
    Membership.Role.ADMIN: "Administrator: may do everything; also adds members, makes keys and changes these settings",
    Membership.Role.MARKETER: "Marketer: changes leads; also publishes playbooks, imports files, makes forms and bot rules, merges leads",
    Membership.Role.REP: "Sales rep: changes leads, and reports what became of them",
    Membership.Role.MANAGER: "Manager: may do the same as a sales rep",
    Membership.Role.VIEWER: "Viewer: sees everything about leads, and changes nothing",
}
ZONE_HELP = (
    "Times are shown in it. Scores count days from midnight to midnight in the time zone that the playbook names."
)


def list_zones() -> list[tuple[str, str]]:
    """Return the time zones that people choose among: places, and UTC."""
    return [(name, name.replace("_", " ")) for name in ("UTC", *_list_places())]


@lru_cache(maxsize=1)
def _list_places() -> tuple[str, ...]:
    """Return the names of zones that are places. They lie in some hundred files, so they are looked for once."""
    names = zoneinfo.available_timezones()
    return tuple(sorted(name for name in names if "/" in name and not name.startswith(("Etc/", "posix", "right"))))


class SignInForm(AuthenticationForm):
    """Address and password. What it says is the same whether or not there is such an account, and a try is counted before it is made."""

    error_messages = {  # noqa: RUF012 - Django's own, which it merges
        "invalid_login": "That address and password do not match.",
        "inactive": "That address and password do not match.",
    }
    TOO_OFTEN = "too-often"

    def __init__(self, *arguments: Any, **settings_of_form: Any) -> None:
        super().__init__(*arguments, **settings_of_form)
        address = self.fields["username"]
        address.label = "E-mail"
        address.widget = forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True, "maxlength": 254})

    def clean(self) -> dict[str, Any]:
        """Check the pair, unless it was tried too often from here."""
        assert self.request is not None
        account, address = self.cleaned_data.get("username"), client_address(self.request)
        if not account or not self.cleaned_data.get("password"):
            return self.cleaned_data
        is_allowed = allow_try(SIGN_IN_OF_ADDRESS, address) and allow_try(SIGN_IN_OF_ACCOUNT, address, account)
        if not is_allowed:
            raise ValidationError(
                "There were too many wrong passwords. Wait a quarter of an hour, or choose a new password by the link below.",
                code=self.TOO_OFTEN,
            )
        cleaned = super().clean()
        forget_tries(SIGN_IN_OF_ACCOUNT, address, account)
        return cleaned

    @property
    def is_too_often(self) -> bool:
        """Whether it was refused because it was tried too often."""
        return self.has_error("__all__", self.TOO_OFTEN)


class NewPasswordForm(PasswordResetForm):
    """The address to which a link for a new password is sent, if there is an account.

    The mail goes out beside the answer, which takes as long for an address that nobody has.
    """

    def __init__(self, *arguments: Any, **settings_of_form: Any) -> None:
        super().__init__(*arguments, **settings_of_form)
        self.fields["email"].label = "E-mail"

    def get_users(self, email: str) -> Iterable[User]:
        """Return who has the address; also who was added and has not chosen a password yet."""
        return User.objects.filter(email__iexact=email, is_active=True)

    def save(self, *arguments: Any, **settings_of_mail: Any) -> None:
        """Send the link, unless that was asked for too often; the page is the same."""
        address = client_address(settings_of_mail["request"])
        is_allowed = allow_try(NEW_PASSWORD_OF_ADDRESS, address) and allow_try(
            NEW_PASSWORD_OF_ACCOUNT, self.cleaned_data["email"]
        )
        if is_allowed:
            super().save(*arguments, **settings_of_mail)

    def send_mail(self, *arguments: Any, **settings_of_mail: Any) -> None:
        """Send in a thread of its own: how long a mail server takes would tell who has an account."""
        threading.Thread(target=super().send_mail, args=arguments, kwargs=settings_of_mail).start()


class ChoosePasswordForm(SetPasswordForm):  # type: ignore[type-arg]
    """A new password, twice. What it has to be is said before it is typed, and what is wrong beside the field."""

    error_messages = {  # noqa: RUF012 - Django's own, which it merges
        "password_mismatch": "This is not what you typed above. Type the same password twice.",
    }

    def __init__(self, *arguments: Any, **settings_of_form: Any) -> None:
        super().__init__(*arguments, **settings_of_form)
        first, again = self.fields["new_password1"], self.fields["new_password2"]
        first.label, first.help_text = "New password", RULES
        again.label, again.help_text = "The same again", ""
        first.error_messages["required"] = "Type the password that you want from now on."
        again.error_messages["required"] = "Type it a second time, so that a slip of the finger does not lock you out."

    def validate_password_for_user(self, user: User, *_names: Any) -> None:
        """Refuse a password that others would guess, beside the field in which it was typed first."""
        password = self.cleaned_data.get("new_password1")
        if password and not self.errors:
            try:
                check_password(password, user)
            except ValidationError as error:
                self.add_error("new_password1", error)


class ChangePasswordForm(ChoosePasswordForm, PasswordChangeForm):
    """The same, for who knows the password that they have."""

    error_messages = {  # noqa: RUF012 - Django's own, which it merges
        **ChoosePasswordForm.error_messages,
        "password_incorrect": "That is not the password that you have now.",
    }

    def __init__(self, *arguments: Any, **settings_of_form: Any) -> None:
        super().__init__(*arguments, **settings_of_form)
        now = self.fields["old_password"]
        now.label = "The password that you have now"
        now.error_messages["required"] = "Type the password that you have now, so that we know it is you."


class MemberForm(forms.Form):
    """A person to add to the workspace."""

    name = forms.CharField(max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    email = forms.EmailField(max_length=254, label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(choices=list(ROLES.items()), initial=Membership.Role.REP)


class RoleForm(forms.Form):
    """What a member may do."""

    role = forms.ChoiceField(choices=Membership.Role.choices)


class ApproverForm(forms.Form):
    """For which sides a member approves proposals to change the playbook."""

    marketing = forms.BooleanField(required=False)
    sales = forms.BooleanField(required=False)


class WorkspaceForm(forms.Form):
    """What a workspace is called, and where its days begin."""

    name = forms.CharField(max_length=120, label="Name of the workspace")
    timezone = forms.ChoiceField(
        choices=list_zones,
        label="Time zone",
        help_text=ZONE_HELP,
    )


def can_send_mail() -> bool:
    """Return whether a server that sends mail was named."""
    return not settings.EMAIL_BACKEND.endswith("dummy.EmailBackend")
