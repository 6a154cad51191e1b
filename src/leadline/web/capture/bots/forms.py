"""What a person fills in to add a rule about bots. The problems that the engine finds in a condition are shown in its words."""

from typing import Any

from django import forms

from leadline.engine.problems import ProblemsError, suggest
from leadline.web.leads.names import event_name

_FIELD_OF_CODE = {"bad-id": "rule_id", "duplicate-id": "rule_id"}


class RuleForm(forms.Form):
    """A rule. `add_problems` puts what an action complained about beside the field that it is about."""

    rule_id = forms.SlugField(
        label="Id",
        max_length=60,
        help_text="Stands on every event that the rule marks, such as office-scanner. It is never given twice.",
    )
    why = forms.CharField(label="Why", max_length=255, help_text="A sentence for whoever wonders later.")
    events = forms.CharField(
        label="Events",
        required=False,
        max_length=2_000,
        help_text="Names, with commas between them, such as mail_clicked, mail_opened. Empty: all.",
    )
    condition = forms.CharField(
        label="Condition",
        required=False,
        max_length=2_000,
        widget=forms.Textarea({"rows": 3, "class": "code", "spellcheck": "false"}),
        help_text="About the event's properties, as in a playbook: contains(user_agent, 'acme-monitor') or link like '%/trap'. "
        "Empty: all those events.",
    )

    def __init__(self, *arguments: Any, known_events: tuple[str, ...] = (), **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.label_suffix = ""
        self.known_events = known_events
        self.hints: list[str] = []

    def clean_events(self) -> list[str]:
        """Return the names of events. One that never occurred is no mistake, but is told."""
        names = [event_name(part) for part in self.cleaned_data["events"].replace("\n", ",").split(",")]
        found = list(dict.fromkeys(name for name in names if name))
        self.hints = [
            f"No event '{name}' has been seen yet.{suggest(name, self.known_events)}"
            for name in found
            if name not in self.known_events
        ]
        return found

    def add_problems(self, error: ProblemsError) -> None:
        """Show what is wrong, each problem beside its field."""
        for problem in error.problems:
            self.add_error(_FIELD_OF_CODE.get(problem.code, "condition"), f"{problem.message} ({problem.code})")
