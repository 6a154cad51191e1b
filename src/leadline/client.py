"""A thin client of a running app's REST API, on the standard library alone.

    app = Leadline("https://leads.example", "ll_api_…")
    for lead in app.leads(stage="mql"):
        print(lead["name"], lead["assessment"]["grade"])

It turns pages, waits when it is told to (429 and 503), and sends everything that changes something under an idempotency key of its own,
so that an answer that was lost does nothing twice. Points come as `Decimal`, exactly as they were computed. docs/api.md is the guide;
tests/web/api/test_client.py and the example there run against a live server.
"""

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

Json = dict[str, Any]
_AGAIN = (429, 503)
_MOST_WAIT_S = 60.0


class ApiError(Exception):
    """The app refused.

    code: stable, such as ``scope-missing``. errors: all that is wrong with the request, each with its place.
    handoff: of an action that came too late, the hand-off as it is now; else None.
    proposal: of what has to be approved first, or came too late, the proposal as it is now; else None.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        errors: Sequence[Mapping[str, Any]] = (),
        handoff: Json | None = None,
        proposal: Json | None = None,
    ) -> None:
        places = [f"{one.get('pointer') or one.get('parameter') or ''} {one.get('detail')}".strip() for one in errors]
        super().__init__("\n".join([f"{status} {code}: {detail}", *places]))
        self.status, self.code, self.detail, self.errors = status, code, detail, list(errors)
        self.handoff = handoff
        self.proposal = proposal


class UnreachableError(Exception):
    """Nobody answers at the address."""


class _NoRedirects(HTTPRedirectHandler):
    """A key is never sent on to where an answer points."""

    def redirect_request(self, *_arguments: Any, **_names: Any) -> None:
        return None


@dataclass(slots=True)
class Leadline:
    """A running app, as a key sees it.

    url:   of the app, such as ``https://leads.example``.
    key:   made under Settings, API keys.
    tries: how often a request is sent at most. sleep: waits between them.
    """

    url: str
    key: str = field(repr=False)
    timeout_s: float = 60.0
    tries: int = 5
    sleep: Callable[[float], None] = time.sleep

    def __post_init__(self) -> None:
        self.url = self.url.rstrip("/")
        if urlsplit(self.url).scheme not in ("http", "https") or not urlsplit(self.url).hostname:
            raise ValueError(f"{self.url!r} is no address such as https://leads.example")

    # -- any address --------------------------------------------------------------------------------------------

    def get(self, path: str, **query: Any) -> Any:
        """Return what an address answers, such as ``get("/leads/17")``. Of a query, None is left out and a list is repeated."""
        with self._open("GET", path, query) as answer:
            return _read(answer)

    def post(self, path: str, body: Mapping[str, Any], *, idempotency_key: str | None = None) -> Any:
        """Send a body, and return what is answered. However often it has to be sent, it is done once."""
        with self._open("POST", path, {}, body, idempotency_key or str(uuid.uuid4())) as answer:
            return _read(answer)

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        """Change what stands at an address, and return what it is now. Parts that are left out stay."""
        with self._open("PATCH", path, {}, body, str(uuid.uuid4())) as answer:
            return _read(answer)

    def delete(self, path: str) -> Any:
        """Remove what stands at an address."""
        with self._open("DELETE", path, {}, idempotency_key=str(uuid.uuid4())) as answer:
            return _read(answer)

    def pages(self, path: str, **query: Any) -> Iterator[Json]:
        """Yield the items of a list, page after page."""
        cursor = None
        while True:
            page = self.get(path, **({"limit": 500} | query | {"cursor": cursor}))
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def lines(self, path: str, **query: Any) -> Iterator[bytes]:
        """Yield the lines of a file while it comes in."""
        with self._open("GET", path, query) as answer:
            yield from answer

    def text(self, path: str) -> str:
        """Return a text file."""
        with self._open("GET", path, {}) as answer:
            return answer.read().decode("utf-8")

    # -- what is asked most ---------------------------------------------------------------------------------------

    def leads(self, **filters: Any) -> Iterator[Json]:
        """Yield leads with their assessments; filters as of the page Leads, and ``updated_since``."""
        return self.pages("/leads", **filters)

    def write_lead(self, *, facts: Mapping[str, Any] | None = None, **identities: str) -> Json:
        """Find or make a lead by ``email``, ``user_id`` or ``crm_id``, and write what is known of it."""
        said = [{"field": name, "value": value} for name, value in (facts or {}).items()]
        answer: Json = self.post("/leads", {**identities, "facts": said})
        return answer

    def write_facts(self, lead: int, facts: Mapping[str, Any], *, evidence: str = "") -> Json:
        """Write what is known of a lead."""
        said = [{"field": name, "value": value, "evidence": evidence} for name, value in facts.items()]
        answer: Json = self.post(f"/leads/{lead}/facts", {"facts": said})
        return answer

    def send_events(self, events: Sequence[Mapping[str, Any]]) -> Json:
        """Send events in the form of the tracking API. Those that cannot be used stand in ``refused``."""
        answer: Json = self.post("/events", {"events": list(events)})
        return answer

    def report_outcome(self, lead: int, outcome: str, at: datetime, **more: Any) -> Json:
        """Report what became of a lead; ``id`` of what is answered takes it back."""
        answer: Json = self.post(f"/leads/{lead}/outcomes", {"outcome": outcome, "at": at.isoformat(), **more})
        return answer

    def take_back_outcome(self, lead: int, outcome_id: str, *, by: str = "") -> bool:
        """Take back an outcome that was wrong, by the ``id`` that `report_outcome` answered; return False where it was gone already.

        by: of what people reported on the page, who did, or a manager.
        """
        answer: Json = self.post(f"/leads/{lead}/outcomes/take-back", {"outcome_id": outcome_id, "by": by})
        return bool(answer["taken_back"])

    def taken_back(self, **filters: Any) -> Iterator[Json]:
        """Yield what was reported of leads and taken back: by ``lead``, ``by`` (who took it back), ``taken_back_since``."""
        return self.pages("/outcomes/taken-back", **filters)

    def assessment(self, lead: int, *, as_of: datetime | None = None, explain: bool = False) -> Json:
        """Return what is said of a lead, now or at another moment, on request with where every point comes from."""
        moment = None if as_of is None else as_of.isoformat()
        answer: Json = self.get(f"/leads/{lead}/assessment", as_of=moment, explain=explain)
        return answer

    def notes(self, **filters: Any) -> Iterator[Json]:
        """Yield notes about leads: by ``lead``, ``by`` (an e-mail address), ``recorded_since``."""
        return self.pages("/notes", **filters)

    def views(self) -> list[Json]:
        """Return the views that the workspace shares; ``app.pages(f"/views/{id}/leads")`` yields whom one shows."""
        answer: list[Json] = self.get("/views")
        return answer

    def save_view(self, name: str, **filters: Any) -> Json:
        """Save a view for everybody in the workspace: filters as of `leads`, and ``sort`` and ``cols`` (columns, with commas between)."""
        said = {one: value for one, value in filters.items() if value is not None}
        answer: Json = self.post("/views", {"name": name, "query": urlencode(said, doseq=True)})
        return answer

    # -- working hand-offs, in the name of a member: *by* is their e-mail address -------------------------------

    def handoffs(self, **filters: Any) -> Iterator[Json]:
        """Yield hand-offs: by ``state`` (``open``), ``owner``, ``team``, ``lead``, ``late``, ``updated_since``; ``sort="urgency"``."""
        return self.pages("/handoffs", **filters)

    def handoff(self, handoff: int) -> Json:
        """Return a hand-off with its steps and why it went where it went."""
        answer: Json = self.get(f"/handoffs/{handoff}")
        return answer

    def decisions(self) -> list[Json]:
        """Return what the live playbook lets one decide, with its reasons."""
        answer: list[Json] = self.get("/handoffs/decisions")
        return answer

    def claim(self, handoff: int, *, by: str) -> Json:
        """Claim what waits.

        Raises:
            ApiError: with the code ``already-taken`` somebody was faster; `ApiError.handoff` says who.
        """
        return self._act(handoff, "claim", by=by)

    def release(self, handoff: int, *, by: str, why: str = "") -> Json:
        """Give back what one has."""
        return self._act(handoff, "release", by=by, why=why)

    def assign(self, handoff: int, *, by: str, to: str) -> Json:
        """Give it to somebody, who has to claim it."""
        return self._act(handoff, "assign", by=by, to=to)

    def log_call(self, handoff: int, result: str, *, by: str, text: str = "", again: datetime | None = None) -> Json:
        """Write down a call: ``reached``, ``no-answer``, ``voicemail``, ``call-back`` or ``wrong-number``.

        *again*: when one calls again, with its offset; it is put off until then, unless it is accepted.
        """
        more = {} if again is None else {"again": again.isoformat()}
        return self._act(handoff, "calls", by=by, result=result, text=text, **more)

    def write_note(self, handoff: int, text: str, *, by: str) -> Json:
        """Keep a note with the lead of a hand-off."""
        return self._act(handoff, "notes", by=by, text=text)

    def book_meeting(self, handoff: int, at: datetime, *, by: str, minutes: int = 30, place: str = "") -> Json:
        """Write down a meeting; *at* with its offset. It stands last in ``meetings`` of what is answered."""
        return self._act(handoff, "meetings", by=by, at=at.isoformat(), minutes=minutes, place=place)

    def move_meeting(
        self,
        handoff: int,
        meeting: int,
        *,
        by: str,
        at: datetime | None = None,
        minutes: int | None = None,
        place: str | None = None,
    ) -> Json:
        """Say that a meeting is at another time or place, by its id in ``meetings`` of the hand-off; None: that stays."""
        moment = None if at is None else at.isoformat()
        said = {name: one for name, one in (("at", moment), ("minutes", minutes), ("place", place)) if one is not None}
        return self._act(handoff, f"meetings/{meeting}/move", by=by, **said)

    def cancel_meeting(self, handoff: int, meeting: int, *, by: str) -> Json:
        """Say that a meeting does not take place."""
        return self._act(handoff, f"meetings/{meeting}/cancel", by=by)

    def meeting_file(self, handoff: int, meeting: int) -> str:
        """Return a meeting as the text of a file for calendars (.ics), as it stands now."""
        return self.text(f"/handoffs/{handoff}/meetings/{meeting}/file.ics")

    def snooze(self, handoff: int, until: datetime, *, by: str) -> Json:
        """Put it off; *until* with its offset."""
        return self._act(handoff, "snooze", by=by, until=until.isoformat())

    def decide(self, handoff: int, decision: str, *, by: str, reason: str = "", text: str = "") -> Json:
        """Decide it: one of `decisions`, with one of its reasons."""
        return self._act(handoff, "decision", by=by, decision=decision, reason=reason, text=text)

    def undo(self, handoff: int, *, by: str) -> Json:
        """Take back the last thing that the person did with it."""
        return self._act(handoff, "undo", by=by)

    def answer(self, lead: int, question: str, answer: str | None, *, by: str, evidence: str = "") -> Json:
        """Note what a lead answered to a question of the playbook: ``yes``, ``partly`` or ``no``; None takes it back."""
        said = {"by": by, "question": question, "answer": answer, "evidence": evidence}
        found: Json = self.post(f"/leads/{lead}/answers", said)
        return found

    def _act(self, handoff: int, deed: str, **said: Any) -> Json:
        answer: Json = self.post(f"/handoffs/{handoff}/{deed}", said)
        return answer

    # -- proposals to change the playbook, in the name of a member too ------------------------------------------

    def proposals(self, **filters: Any) -> Iterator[Json]:
        """Yield proposals: by ``state`` (``open``, ``published``, ``withdrawn``)."""
        return self.pages("/proposals", **filters)

    def proposal(self, number: int) -> Json:
        """Return a proposal with its text, how it stands, and all that happened to it."""
        answer: Json = self.get(f"/proposals/{number}")
        return answer

    def put_forward(self, toml: str, *, title: str, why: str, by: str, cases: str = "") -> Json:
        """Put the text of a playbook forward, so that both sides can approve it."""
        said = {"by": by, "title": title, "why": why, "toml": toml, "cases": cases}
        answer: Json = self.post("/proposals", said)
        return answer

    def comment(self, proposal: int, text: str, *, by: str) -> Json:
        """Say something on a proposal."""
        return self._on(proposal, "comments", by=by, text=text)

    def approve(self, proposal: Json, side: str, *, by: str, text: str = "") -> Json:
        """Approve exactly the text of a proposal as it was read, for ``marketing`` or ``sales``.

        Raises:
            ApiError: with the code ``changed`` it is another by now; `ApiError.proposal` is how it is.
        """
        seen = {"digest": proposal["digest"], "base_number": proposal["base_number"]}
        return self._on(proposal["number"], "approval", by=by, side=side, text=text, **seen)

    def ask_for_changes(self, proposal: Json, side: str, text: str, *, by: str) -> Json:
        """Ask for changes of the text of a proposal as it was read."""
        return self._on(proposal["number"], "changes", by=by, side=side, text=text, digest=proposal["digest"])

    def take_back(self, proposal: int, *, by: str) -> Json:
        """Take back what somebody approved or asked for."""
        return self._on(proposal, "take-back", by=by)

    def withdraw(self, proposal: int, *, by: str, text: str = "") -> Json:
        """Withdraw a proposal; its draft stays."""
        return self._on(proposal, "withdraw", by=by, text=text)

    def publish_proposal(self, proposal: int, *, by: str, note: str = "") -> Json:
        """Publish a proposal that both sides approved, and return the version.

        Raises:
            ApiError: with the code ``approval-needed`` somebody has still to approve; `ApiError.proposal` says who.
        """
        return self._on(proposal, "publish", by=by, note=note)

    def _on(self, proposal: int, deed: str, **said: Any) -> Json:
        answer: Json = self.post(f"/proposals/{proposal}/{deed}", said)
        return answer

    # -- sending ----------------------------------------------------------------------------------------------------

    @contextmanager
    def _open(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any],
        body: Mapping[str, Any] | None = None,
        idempotency_key: str = "",
    ) -> Iterator[HTTPResponse]:
        """Open an answer, after as many tries as it takes.

        Raises:
            ApiError: the app refuses.
            UnreachableError: nobody answers.
        """
        request = Request(self._address(path, query), method=method)
        request.add_unredirected_header("Authorization", f"Bearer {self.key}")
        if body is not None:
            request.data = json.dumps(body, default=str).encode()
            request.add_header("Content-Type", "application/json")
        if idempotency_key:
            request.add_header("Idempotency-Key", idempotency_key)
        with self._send(request) as answer:
            yield answer

    def _address(self, path: str, query: Mapping[str, Any]) -> str:
        said = {
            name: str(value).lower() if isinstance(value, bool) else value
            for name, value in query.items()
            if value is not None
        }
        return f"{self.url}/api/v1{path}" + (f"?{urlencode(said, doseq=True)}" if said else "")

    def _send(self, request: Request) -> HTTPResponse:
        opener = build_opener(_NoRedirects)
        for number in range(1, self.tries + 1):
            is_last = number == self.tries
            wait = min(2.0 ** (number - 1), _MOST_WAIT_S)
            try:
                answer: HTTPResponse = opener.open(request, timeout=self.timeout_s)
                return answer
            except HTTPError as error:
                with error:
                    if error.code not in _AGAIN or is_last:
                        raise _refusal(error) from None
                    asked = error.headers.get("Retry-After", "")
                    wait = min(float(asked), _MOST_WAIT_S) if asked.isdigit() else wait
            except (URLError, HTTPException, TimeoutError, ConnectionError) as error:
                if is_last:
                    reason = getattr(error, "reason", error)
                    raise UnreachableError(f"{self.url} does not answer: {reason}") from None
            self.sleep(wait)
        raise AssertionError("tries is at least 1")


def _read(answer: HTTPResponse) -> Any:
    content = answer.read()
    return json.loads(content, parse_float=Decimal) if content else None


def _refusal(error: HTTPError) -> ApiError:
    """Return a refusal as an error; also one that comes from a proxy before the app, in a form of its own."""
    try:
        said = json.loads(error.read())
        return ApiError(
            error.code,
            said["type"].rpartition(":")[2],
            said["detail"],
            said.get("errors", ()),
            said.get("handoff"),
            said.get("proposal"),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return ApiError(error.code, "refused", error.reason or "The request was refused.")
