"""What can be done with many leads at once, each with who may, its form, and the one action of the app that does it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms

from leadline.engine.playbook.model import Outcome
from leadline.web.accounts.models import Workspace
from leadline.web.accounts.roles import ADMINS, WORKERS, Role
from leadline.web.leads.consent import MOST_HOW, Purpose, withdraw_consent
from leadline.web.leads.erasure import erase_person
from leadline.web.leads.mending import BY_HAND
from leadline.web.leads.models import Lead
from leadline.web.leads.records import NewFact, NewOutcome, record_facts, record_outcomes
from leadline.web.pages.lead_page.forms import AddFactForm
from leadline.web.pages.models import Batch
from leadline.web.pages.playbook_words import PlaybookWords, say_id
from leadline.web.playbooks.queries import find_live, get_plan

Act = Callable[[Batch, Sequence[Lead], datetime], int]


class OutcomeForm(forms.Form):
    """What became of them, as the live playbook calls it, with its reasons."""

    what = forms.ChoiceField(
        label="What became of them", error_messages={"required": "Choose what became of them. Nothing was recorded."}
    )

    def __init__(self, *arguments: Any, words: PlaybookWords | None = None, **names: Any) -> None:
        super().__init__(*arguments, **names)
        outcomes = words.playbook.outcomes if words else ()
        self.fields["what"].choices = [("", "Choose one"), *(_choice(one) for one in outcomes)]  # type: ignore[attr-defined]


def _choice(outcome: Outcome) -> tuple[str, Any]:
    """Return an outcome as a choice, or with its reasons as a group of choices."""
    title = say_id(outcome.id, outcome.title)
    if not outcome.reasons:
        return f"{outcome.id}|", title
    reasons = [(f"{outcome.id}|{one.id}", f"{title}: {say_id(one.id, one.title)}") for one in outcome.reasons]
    return title, [*reasons, (f"{outcome.id}|", f"{title}, without a reason")]


class NoConsentForm(forms.Form):
    """For what they took their consent back, and how one knows."""

    purpose = forms.ChoiceField(label="We may no longer", choices=Purpose.choices)
    how = forms.CharField(label="How do we know?", max_length=MOST_HOW, help_text="A mail, a call on a day, a list.")


class EraseManyForm(forms.Form):
    """Words to type before many people are erased."""

    typed = forms.CharField(label="To go on, type", max_length=60, required=False)

    def __init__(self, *arguments: Any, count: int = 0, **names: Any) -> None:
        super().__init__(*arguments, **names)
        self.needed = f"erase {count}"
        self.fields["typed"].help_text = self.needed

    def clean_typed(self) -> str:
        """Return what was typed where it is what was asked for."""
        typed = " ".join(str(self.cleaned_data["typed"]).lower().split())
        if typed != self.needed:
            raise forms.ValidationError(f"Type “{self.needed}” to erase them; you typed “{typed}”. Nothing was erased.")
        return typed


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that can be done.

    question: above the form, after which stands how many. part: leads of one transaction. can_undo: whether the log lets it be taken back.
    """

    id: str
    title: str
    question: str
    done: str
    roles: tuple[Role, ...]
    form: type[forms.Form]
    act: Act
    part: int = 100
    can_undo: bool = False

    def make_form(self, data: Any, *, workspace: Workspace, words: PlaybookWords | None, count: int) -> forms.Form:
        """Return the form, filled with *data*."""
        more: dict[str, Any] = {"words": words} if self.form is OutcomeForm else {}
        more |= {"workspace": workspace} if self.form is AddFactForm else {}
        more |= {"count": count} if self.form is EraseManyForm else {}
        return self.form(data, **more)


def _note_fact(batch: Batch, leads: Sequence[Lead], now: datetime) -> int:
    said = batch.said
    facts = [
        NewFact(
            field=said["field"],
            value=said["value"] or None,
            known_at=now,
            source=BY_HAND,
            lead_id=one.pk,
            evidence=said.get("evidence", ""),
            by=_by(batch),
            origin=batch.origin,
        )
        for one in leads
    ]
    return record_facts(batch.workspace, facts, now=now, source_rank=_rank(batch.workspace)).stored


def _record_outcome(batch: Batch, leads: Sequence[Lead], now: datetime) -> int:
    outcome, _, reason = batch.said["what"].partition("|")
    outcomes = [
        NewOutcome(
            lead_id=one.pk,
            outcome=outcome,
            at=batch.created_at,
            source=BY_HAND,
            reason=reason,
            outcome_id=f"{batch.origin}:{one.pk}",
            by=_by(batch),
            origin=batch.origin,
        )
        for one in leads
    ]
    return record_outcomes(batch.workspace, outcomes, now=now).stored


def _take_back_consent(batch: Batch, leads: Sequence[Lead], now: datetime) -> int:
    for one in leads:
        withdraw_consent(one, batch.said["purpose"], how=batch.said["how"], by=batch.created_by, now=now)
    return len(leads)


def _erase(batch: Batch, leads: Sequence[Lead], now: datetime) -> int:
    for one in leads:
        erase_person(one, by=batch.created_by, now=now)
    return len(leads)


def _by(batch: Batch) -> str:
    return batch.created_by.email if batch.created_by else ""


def _rank(workspace: Workspace) -> Sequence[str]:
    version = find_live(workspace)
    return get_plan(version).playbook.source_rank if version else ()


KINDS = {
    one.id: one
    for one in (
        Kind(
            "fact", "Note something you know", "Note something of", "noted", WORKERS, AddFactForm, _note_fact,
            can_undo=True,
        ),
        Kind(
            "outcome", "Record what became of them", "Record what became of", "recorded", WORKERS, OutcomeForm,
            _record_outcome, can_undo=True,
        ),
        Kind(
            "consent", "Take back consent", "Take back the consent of", "taken back", WORKERS, NoConsentForm,
            _take_back_consent, part=25,
        ),
        Kind("erase", "Erase", "Erase", "erased", ADMINS, EraseManyForm, _erase, part=10),
    )
}  # fmt: skip
