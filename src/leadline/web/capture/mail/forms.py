"""What an administrator fills in to let a mail provider report."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from leadline.engine.problems import how_to_install
from leadline.web.accounts.models import Source, Workspace
from leadline.web.capture.mail.providers import PROVIDERS, is_installed


class HookForm(forms.Form):
    """A new mail source."""

    name = forms.SlugField(
        label="Name",
        max_length=60,
        help_text="Of the source, such as newsletter. It stands on every event, and as the source of its touches.",
    )
    provider = forms.ChoiceField(label="Provider", choices=[(one.id, one.title) for one in PROVIDERS.values()])
    signing_key = forms.CharField(
        label="Signing key",
        required=False,
        max_length=1_000,
        widget=forms.PasswordInput({"autocomplete": "off"}),
        help_text="With which the provider signs its reports. Needed for "
        + ", ".join(one.title for one in PROVIDERS.values() if one.has_to_sign)
        + "; checked for others where you enter it. It is kept encrypted.",
    )

    def __init__(self, *arguments: Any, workspace: Workspace, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.label_suffix = ""
        self.workspace = workspace

    def clean_name(self) -> str:
        """Return the name, which no other source has."""
        name: str = self.cleaned_data["name"]
        if Source.objects.filter(workspace=self.workspace, name=name).exists():
            raise ValidationError(f"There is a source '{name}' already. Choose another name.")
        return name

    def clean(self) -> dict[str, Any]:
        """Ask for the signing key where reports are always signed, and only where there can be one."""
        data: dict[str, Any] = super().clean() or {}
        if not is_installed():
            self.add_error(None, f"Reports need the extra: {how_to_install('mail')}. Nothing was added.")
        provider = PROVIDERS.get(data.get("provider", ""))
        if provider and provider.has_to_sign and not data.get("signing_key"):
            self.add_error("signing_key", f"{provider.title} signs every report. Copy its key from there.")
        if provider and not provider.signs_with and data.get("signing_key"):
            self.add_error("signing_key", f"A signature of {provider.title} cannot be checked here. Leave it empty.")
        return data
