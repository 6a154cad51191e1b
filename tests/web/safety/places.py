"""Where people type: every form of the app, the address that takes it, and what is typed beside the text that is tried.

A form, or a field with a text in it, that stands nowhere here fails test_naughty_forms.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django import forms

from leadline.web.accounts.forms import (
    ChangePasswordForm,
    ChoosePasswordForm,
    MemberForm,
    NewPasswordForm,
    SignInForm,
    WorkspaceForm,
)
from leadline.web.api.pages.forms import ApiKeyForm
from leadline.web.capture.bots.forms import RuleForm
from leadline.web.capture.forms.answer_form import AnswerForm
from leadline.web.capture.forms.editor import FieldRow, FormEditor
from leadline.web.capture.imports.forms import ReadingForm
from leadline.web.capture.mail.forms import HookForm
from leadline.web.capture.models import Form
from leadline.web.capture.refused.forms import BodyForm, WantedForm
from leadline.web.handoff.calendars.forms import CalendarForm
from leadline.web.handoff.teams.forms import AbsenceForm, SeatForm, TeamForm, TeamSettingsForm
from leadline.web.leads.forms import ConsentForm, TitleRuleForm
from leadline.web.notices.forms import ChangeChannelForm, ChannelForm, PreferenceForm
from leadline.web.notices.wishes import TOPICS
from leadline.web.operations.setup.forms import SourceForm, WelcomeForm
from leadline.web.outgoing.forms import EndpointForm, SinceForm
from leadline.web.pages.agreement.forms import PromiseForm
from leadline.web.pages.drafts.forms import AddForm, BeginForm, DraftForm, PublishDraftForm
from leadline.web.pages.exporting.forms import ExportForm
from leadline.web.pages.lead_page.forms import AddFactForm, NoteForm
from leadline.web.pages.leads_list.forms import AddLeadForm
from leadline.web.pages.proposals.forms import ApproveForm, AskForm, CommentForm, PutForwardForm, WithdrawForm
from leadline.web.pages.questions.forms import AnswerForm as AskedForm
from leadline.web.pages.questions.forms import QuestionForm
from leadline.web.pages.queue.forms import (
    AssignForm,
    CallForm,
    CancelForm,
    DecideForm,
    MeetingForm,
    MoveForm,
    QueueNoteForm,
    SnoozeForm,
    UndoForm,
)
from leadline.web.pages.reporting.forms import ReportForm
from leadline.web.pages.saved_views.forms import ViewForm
from leadline.web.pages.selected.kinds import EraseManyForm, NoConsentForm
from leadline.web.pages.whatif.past_views import PastForm
from leadline.web.playbooks.forms import PublishForm

FORM = {
    "title": "Contact",
    "event": "contact_requested",
    "thanks": "Thank you.",
    "f-TOTAL_FORMS": "1",
    "f-INITIAL_FORMS": "0",
}
ROW = {"f-0-label": "E-mail", "f-0-type": "email", "f-0-fact": "email", "f-0-name": "email"}
PASSWORD = "maria-likes-tea"
_SHOWN = ("/playbook/proposals/", "/agreement/")
_APPROVED = {"side": "sales", "digest": "{digest}", "base_number": "1"}


@dataclass(frozen=True, kw_only=True)
class Place:
    """A form and where it is sent.

    form:     its class. address: the name of the address, with `{lead}` and the like in place of ids, or its path.
    rest:     what is typed into the other fields. prefix: before the names of fields. make: how the form is made of what was typed.
    shows:    pages that show what was typed here. is_get: the form is a filter in an address.
    has_user: whether somebody is signed in.
    """

    form: type[forms.BaseForm]
    address: str
    rest: Mapping[str, Any] = field(default_factory=dict)
    prefix: str = ""
    make: Callable[..., forms.BaseForm] | None = None
    shows: tuple[str, ...] = ()
    is_get: bool = False
    has_user: bool = True

    @property
    def name(self) -> str:
        """The form's name and the address, to be told apart in a list."""
        return f"{self.form.__name__} {self.address}"


PLACES = (
    Place(form=SignInForm, address="/sign-in/", rest={"username": "a@b.example", "password": "x"}, has_user=False),
    Place(form=NewPasswordForm, address="/password/new/", has_user=False),
    Place(
        form=ChangePasswordForm,
        address="/password/",
        rest={"old_password": PASSWORD, "new_password1": "none of theirs", "new_password2": "not the same"},
    ),
    Place(form=ChoosePasswordForm, address="{link}", rest={"new_password1": "a", "new_password2": "b"}, has_user=False),
    Place(
        form=MemberForm,
        address="/settings/members/",
        rest={"name": "Bo", "email": "bo@northwind.example", "role": "rep"},
        shows=("/settings/members/",),
    ),
    Place(
        form=WorkspaceForm,
        address="/settings/",
        rest={"name": "Northwind", "timezone": "UTC"},
        shows=("/settings/", "/leads/", "/today/"),
    ),
    Place(
        form=WelcomeForm,
        address="/welcome/",
        rest={
            "code": "",
            "workspace": "Tea",
            "timezone": "UTC",
            "name": "Bo",
            "email": "bo@tea.example",
            "password": "x",
        },
        has_user=False,
    ),
    Place(
        form=SourceForm,
        address="/settings/sources/",
        rest={"name": "shop", "kind": "server"},
        shows=("/settings/sources/",),
    ),
    Place(
        form=ApiKeyForm,
        address="/settings/api-keys/",
        rest={"name": "sync", "source": "api", "scopes": ["leads:read"], "expires": "30"},
        shows=("/settings/api-keys/",),
    ),
    Place(
        form=HookForm,
        address="/settings/mail/",
        rest={"name": "letters", "provider": "postmark", "signing_key": ""},
        shows=("/settings/mail/",),
    ),
    Place(
        form=RuleForm,
        address="/bots/",
        rest={"rule_id": "ours", "why": "they are ours", "events": "", "condition": "link like '%/trap'"},
        shows=("/bots/",),
    ),
    Place(
        form=FormEditor,
        address="/forms/new/",
        rest={**FORM, **ROW},
        make=lambda data, world: FormEditor(data, instance=Form(workspace=world["workspace"])),
        shows=("/forms/",),
    ),
    Place(form=FieldRow, address="/forms/new/", rest={**FORM, **ROW}, prefix="f-0-", shows=("/forms/",)),
    Place(form=AnswerForm, address="{public form}", rest={"email": "a@b.example"}, has_user=False, shows=("/leads/",)),
    Place(form=ReadingForm, address="{import}file/", rest={"r-table": "leads"}, prefix="r-"),
    Place(form=WantedForm, address="/refused/", is_get=True),
    Place(form=BodyForm, address="{refused}", shows=("{refused}",)),
    Place(
        form=ConsentForm,
        address="{lead}consent/",
        rest={"purpose": "contact", "word": "yes", "basis": "consent", "how": "a call", "text": ""},
        shows=("{lead}consent/", "{lead}"),
    ),
    Place(
        form=TitleRuleForm,
        address="/leads/titles/",
        rest={"pattern": "tea officer", "seniority": "executive"},
        shows=("/leads/titles/",),
    ),
    Place(
        form=ExportForm, address="/leads/export/", rest={"format": "csv", "columns": "all"}, shows=("/leads/exports/",)
    ),
    Place(
        form=AddFactForm,
        address="{lead}facts/",
        rest={"field": "team", "value": "x", "is_new": "on"},
        shows=("{lead}",),
    ),
    Place(form=NoteForm, address="{lead}notes/", shows=("{lead}",)),
    Place(form=AskedForm, address="{lead}answers/", rest={"question": "budget", "answer": "yes"}, shows=("{lead}",)),
    Place(
        form=QuestionForm,
        address="{lead}answers/withdraw/",
        rest={"question": "budget"},
        make=lambda data, world: QuestionForm(data, words=None),
        shows=("{lead}",),
    ),
    Place(
        form=AddLeadForm,
        address="/leads/add/",
        rest={"email": "new@tea.example", "name": "Bo", "title": "", "company": "", "evidence": ""},
        shows=("/leads/", "/companies/"),
    ),
    Place(
        form=ViewForm,
        address="/leads/views/",
        rest={"name": "Hot", "query": "who=all"},
        shows=("/leads/views/", "/leads/"),
    ),
    Place(
        form=EraseManyForm,
        address="/leads/selected/",
        rest={"action": "erase", "asked": "1", "lead": "{lead id}"},
    ),
    Place(
        form=NoConsentForm,
        address="/leads/selected/",
        rest={"action": "consent", "asked": "1", "lead": "{lead id}", "purpose": "contact", "how": "a call"},
        shows=("/leads/batches/", "{lead}consent/"),
    ),
    Place(
        form=AddFactForm,
        address="/leads/selected/",
        rest={"action": "fact", "asked": "1", "lead": "{lead id}", "field": "team", "value": "x", "is_new": "on"},
        shows=("/leads/batches/",),
    ),
    Place(
        form=PublishForm,
        address="/playbook/publish/",
        rest={"toml": "{playbook}", "note": "new"},
        shows=("/playbook/",),
    ),
    Place(
        form=BeginForm,
        address="/playbook/drafts/",
        rest={"name": "Less for webinars", "start": "live"},
        make=lambda data, world: BeginForm(data, starts=[("live", "The live version")]),
        shows=("/playbook/drafts/",),
    ),
    Place(
        form=DraftForm,
        address="{draft}",
        rest={"revision": "1", "name": "Less for webinars", "toml": "{playbook}"},
        shows=("/playbook/drafts/", "{draft}"),
    ),
    Place(
        form=AddForm,
        address="{draft}form/add/",
        rest={
            "revision": "1",
            "why": "Likes tea",
            "score": "fit",
            "kind": "when",
            "when": "title = 'a'",
            "points": "5",
        },
        make=lambda data, world: AddForm(data, draft=world["draft"]),
        shows=("{draft}", "{draft}form/"),
    ),
    Place(
        form=CalendarForm,
        address="/settings/calendars/add/",
        rest={"name": "Berlin", "timezone": "Europe/Berlin"},
        make=lambda data, world: CalendarForm(data, workspace=world["workspace"]),
        shows=("/settings/calendars/",),
    ),
    Place(
        form=TeamForm,
        address="/settings/teams/new/",
        rest={"slug": "enterprise", "name": "Enterprise"},
        shows=("/settings/teams/",),
    ),
    Place(
        form=TeamSettingsForm,
        address="{team}",
        rest={"slug": "enterprise", "name": "Enterprise"},
        make=lambda data, world: TeamSettingsForm(data, workspace=world["workspace"]),
        shows=("/settings/teams/", "{team}"),
    ),
    Place(
        form=SeatForm,
        address="{person}",
        make=lambda data, world: SeatForm(data, workspace=world["workspace"]),
        shows=("{person}", "/settings/me/"),
    ),
    Place(
        form=AbsenceForm,
        address="/settings/me/away/",
        rest={"first": "2030-03-01", "last": "2030-03-02"},
        make=lambda data, world: AbsenceForm(data, today=date(2026, 3, 2)),
        shows=("/settings/me/",),
    ),
    Place(
        form=PreferenceForm,
        address="/notices/preferences/",
        rest={"digest_hour": "8", **{f"mail-{topic}": "once" for topic in TOPICS}},
        make=lambda data, world: PreferenceForm(data, preference=None, workspace=world["workspace"], role="admin"),
        shows=("/notices/preferences/",),
    ),
    Place(
        form=ChannelForm,
        address="/settings/notices/",
        rest={"program": "slack", "name": "#inbound", "url": "https://93.184.216.34/x", "topics": ["late"]},
        shows=("/settings/notices/",),
    ),
    Place(
        form=ChangeChannelForm,
        address="{channel}",
        rest={"name": "#inbound", "topics": ["late"]},
        shows=("/settings/notices/", "{channel}"),
    ),
    Place(
        form=EndpointForm,
        address="/settings/webhooks/",
        rest={"url": "https://crm.example/hooks", "description": "CRM"},
        shows=("/settings/webhooks/",),
    ),
    Place(form=SinceForm, address="{webhook}again/", shows=("{webhook}",)),
    Place(
        form=PromiseForm,
        address="/agreement/promise/",
        rest={"per_week": "40", "from_day": "2026-03-02"},
        shows=("/agreement/",),
    ),
    Place(form=ReportForm, address="{lead}report/", rest={"what": "event:referral_asked"}, shows=("{lead}",)),
    Place(
        form=CallForm,
        address="{hand-off}call/",
        rest={"result": "reached"},
        shows=("{queue}", "{lead}", "{lead}handoffs/"),
    ),
    Place(
        form=MeetingForm,
        address="{hand-off}meet/",
        rest={"at": "2030-03-02 14:30", "minutes": "30"},
        shows=("{queue}", "{hand-off}meeting.ics", "{lead}handoffs/"),
    ),
    Place(
        form=MoveForm,
        address="{hand-off}move/",
        rest={"at": "2030-03-02 14:30", "minutes": "30", "meeting": "1"},
        shows=("{queue}",),
    ),
    Place(form=CancelForm, address="{hand-off}cancel/", shows=("{queue}",)),
    Place(form=SnoozeForm, address="{hand-off}snooze/", shows=("{queue}",)),
    Place(
        form=DecideForm,
        address="{hand-off}decide/",
        rest={"decision": "accepted"},
        shows=("{queue}", "{lead}", "{lead}handoffs/"),
    ),
    Place(form=AssignForm, address="{hand-off}assign/", shows=("{queue}",)),
    Place(form=UndoForm, address="{hand-off}undo/", shows=("{queue}",)),
    Place(form=QueueNoteForm, address="{hand-off}note/", shows=("{queue}", "{lead}", "{lead}handoffs/")),
    Place(form=PastForm, address="{draft}what-if/past/", rest={"weeks": "13"}, shows=("{draft}what-if/past/",)),
    Place(form=PutForwardForm, address="{draft}put-forward/", rest={"revision": "1", "title": "Less"}, shows=_SHOWN),
    Place(form=CommentForm, address="{proposal}comment/", shows=("{proposal}", *_SHOWN)),
    Place(form=ApproveForm, address="{proposal}approve/", rest=_APPROVED, shows=("{proposal}", *_SHOWN)),
    Place(form=AskForm, address="{proposal}ask/", rest=_APPROVED, shows=("{proposal}", "/notices/")),
    Place(form=WithdrawForm, address="{proposal}withdraw/", shows=("{proposal}", *_SHOWN)),
    Place(form=PublishDraftForm, address="{draft}publish/", rest={"revision": "1"}, shows=("{draft}",)),
)
"""One a form; where a form stands at two addresses, each."""
