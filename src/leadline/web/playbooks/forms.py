"""What somebody fills in to publish a playbook: a file, or its text."""

from typing import Any

from django import forms

from leadline.engine.playbook.load import MAX_BYTES

_CODE = {"rows": 24, "spellcheck": "false", "class": "code", "wrap": "off", "autocomplete": "off"}


class PublishForm(forms.Form):
    """A playbook and its cases, each as a file or as text. A file wins; its text is shown when something is wrong with it."""

    file = forms.FileField(label="Playbook, as a file", required=False, help_text="A playbook.toml of at most 256 KB.")
    toml = forms.CharField(label="or its text", required=False, strip=False, widget=forms.Textarea(attrs=_CODE))
    cases_file = forms.FileField(
        label="Cases, as a file",
        required=False,
        help_text="Leads that everybody agrees on; when one fails, nothing is published.",
    )
    cases = forms.CharField(
        label="or their text", required=False, strip=False, widget=forms.Textarea(attrs={**_CODE, "rows": 8})
    )
    note = forms.CharField(
        label="What is new",
        required=False,
        max_length=500,
        help_text="One line for those who read the list of versions.",
    )

    override = forms.CharField(
        label="Publish it without approvals, because",
        required=False,
        max_length=500,
        help_text="For emergencies: it stands beside the version for good. Left empty, both sides have to have approved exactly this text.",
    )

    def __init__(self, *arguments: Any, may_override: bool = False, **names: Any) -> None:
        super().__init__(*arguments, **names)
        self.may_override = may_override
        if not may_override:
            del self.fields["override"]

    def clean(self) -> dict[str, Any]:
        """Read the files."""
        cleaned = super().clean() or {}
        for name, file in (("toml", "file"), ("cases", "cases_file")):
            given = cleaned.get(file)
            text = self._read(file, given) if given else cleaned.get(name, "")
            cleaned[name] = (text or "").removeprefix("\ufeff").replace("\r\n", "\n")
        if not cleaned["toml"].strip() and not self.errors:
            self.add_error("file", "Choose a file, or write the text of a playbook below.")
        return cleaned

    def _read(self, name: str, file: Any) -> str:
        if (file.size or 0) > MAX_BYTES:
            self.add_error(name, f"The file has {file.size:,} bytes; at most {MAX_BYTES:,} are taken.")
            return ""
        content: bytes = file.read()
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            self.add_error(name, f"The file is no text in UTF-8: line {line} cannot be read. Save it as UTF-8.")
            return ""

    def filled_in(self) -> "PublishForm":
        """Return the form with the text that was read, so that it can be mended in place."""
        read = {name: self.cleaned_data.get(name, "") for name in ("toml", "cases", "note", "override")}
        return PublishForm(initial=read, may_override=self.may_override)
