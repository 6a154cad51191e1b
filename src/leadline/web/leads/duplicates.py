"""Which leads may be one person: suggestions for somebody to look at, by rules when something comes in, and by likeness on request.

Nothing is merged here. A pair that was dismissed stays dismissed, and one that was merged and taken apart again is not suggested anew.
`likeness` says how likely a pair is; `attribution` writes the suggestions by rule.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from leadline.web.accounts.models import Workspace
from leadline.web.leads.companies import is_free_mail, is_throw_away, registrable_domain
from leadline.web.leads.facts import resolve, text_of
from leadline.web.leads.likeness import Record, find_pairs
from leadline.web.leads.models import Fact, Lead, Merge, Suggestion
from leadline.web.leads.title_words import words_of


def _set_of(words: str) -> frozenset[str]:
    return frozenset(words.split())


_FIELDS = ("first_name", "last_name", "phone", "company")
_COURTESY = _set_of(
    "mr mrs ms miss dr prof professor herr frau dipl ing mag sir madame monsieur senor senora mme phd msc mba"
)
_LEGAL_FORMS = _set_of(
    "gmbh ag kg ohg gbr ug se mbh co inc incorporated llc ltd limited plc corp corporation company sa sas sarl srl spa bv nv ab as oy "
    "oyj aps kft sro spzoo sp zoo doo pty lda sl holding group the und and"
)
_ROLES = _set_of(
    "info sales support office contact kontakt hello hallo mail admin marketing team service post help billing jobs hr press "
    "accounting buchhaltung vertrieb einkauf no-reply noreply webmaster postmaster"
)
_MOST = 500
_LAST_DIGITS = 8
_FEWEST_DIGITS = 6


def suggest_duplicates(workspace: Workspace, *, now: datetime | None = None) -> int:
    """Compare all known leads of a workspace and suggest those that are likely one person; return how many suggestions are new.

    Suggestions that wait and were found before are kept up to date, and those that no longer hold are taken back. What somebody has
    decided is left alone. The comparison runs outside of any transaction.

    Raises:
        ModuleNotFoundError: the extra ``leadline[duplicates]`` is not installed.
    """
    now = now or timezone.now()
    pairs = {(pair.one, pair.other): pair for pair in find_pairs(read_records(workspace))}
    with transaction.atomic():
        standing = set(_standing(workspace, {pk for pair in pairs for pk in pair}))
        apart = set(Merge.objects.filter(workspace=workspace).exclude(undone_at=None).values_list("lead_id", "into_id"))
        known = {
            (one.lead_id, one.other_id): one
            for one in Suggestion.objects.filter(workspace=workspace).select_for_update(of=("self",))
        }
        changed, new = [], []
        for key, pair in pairs.items():
            if not standing.issuperset(key) or key in apart or key[::-1] in apart:
                continue
            if key not in known:
                new.append(
                    Suggestion(
                        workspace=workspace,
                        lead_id=pair.one,
                        other_id=pair.other,
                        because=pair.because[:255],
                        probability=pair.probability,
                        created_at=now,
                    )
                )
            elif known[key].state == Suggestion.State.OPEN:
                known[key].probability = pair.probability
                if _is_of_likeness(known[key].because):
                    known[key].because = pair.because[:255]
                changed.append(known[key])
        Suggestion.objects.bulk_update(changed, ["probability", "because"], batch_size=_MOST)
        gone = [
            one.pk
            for key, one in known.items()
            if one.state == Suggestion.State.OPEN and key not in pairs and _is_of_likeness(one.because)
        ]
        Suggestion.objects.filter(pk__in=gone).delete()
        Suggestion.objects.bulk_create(new, ignore_conflicts=True, batch_size=_MOST)
    return len(new)


def dismiss_suggestion(suggestion: Suggestion) -> bool:
    """Say that two leads are two people; return False when somebody has decided otherwise meanwhile. It is not suggested again."""
    open_ones = Suggestion.objects.filter(pk=suggestion.pk, state=Suggestion.State.OPEN)
    return bool(open_ones.update(state=Suggestion.State.DISMISSED))


def reopen_suggestion(suggestion: Suggestion) -> bool:
    """Take a dismissal back."""
    dismissed = Suggestion.objects.filter(pk=suggestion.pk, state=Suggestion.State.DISMISSED)
    return bool(dismissed.update(state=Suggestion.State.OPEN))


# -- what is compared ---------------------------------------------------------------------------------------------


def read_records(workspace: Workspace) -> list[Record]:
    """Return what is compared of every known lead that stands for itself."""
    leads = Lead.objects.filter(workspace=workspace, merged_into=None, is_known=True).select_related("company")
    said = _said_of_leads(workspace)
    return [make_record(lead, said.get(lead.pk, {})) for lead in leads.order_by("pk").iterator(2000)]


def make_record(lead: Lead, said: dict[str, str]) -> Record:
    """Return what is compared of a lead. said: its fields first_name, last_name, phone and company, as far as they are known."""
    first, last = split_name(lead.name, first=said.get("first_name", ""), last=said.get("last_name", ""))
    email = lead.email.strip().lower()
    local, _, host = email.partition("@")
    if not (first or last):
        first, last = _name_in(local)
    domain = "" if not host or is_free_mail(host) or is_throw_away(host) else registrable_domain(host) or host
    if not domain and lead.company is not None:
        domain = lead.company.domain
    name = said.get("company", "") or (lead.company.name if lead.company else "")
    return Record(
        unique_id=lead.pk,
        first=first or None,
        last=last or None,
        email=email or None,
        local=_telling_local(local, first, last) or None,
        domain=domain or None,
        company=" ".join(word for word in words_of(name) if word not in _LEGAL_FORMS) or None,
        phone=plain_phone(said.get("phone", "")) or None,
        title=" ".join(words_of(lead.title)) or None,
    )


def split_name(name: str, *, first: str = "", last: str = "") -> tuple[str, str]:
    """Return first name and surname, made comparable: by their own fields, else of a whole name.

    >>> split_name("Dr. Ada M. Lovelace"), split_name("Lovelace, Ada"), split_name("Ada")
    (('ada', 'lovelace'), ('ada', 'lovelace'), ('ada', ''))
    """
    if "," in name:
        before, _, after = name.partition(",")
        name = f"{after} {before}"
    words = [word for word in words_of(name) if word not in _COURTESY]
    own_first = " ".join(words_of(first)) or (words[0] if words else "")
    own_last = " ".join(words_of(last)) or (words[-1] if len(words) > 1 else "")
    return own_first, own_last


def plain_phone(phone: str) -> str:
    """Return the last digits of a phone number, which do not depend on how its country and area are written; empty for none.

    >>> plain_phone("+49 (0)30 123456-78"), plain_phone("030/12345678"), plain_phone("n/a")
    ('12345678', '12345678', '')
    """
    digits = re.sub(r"\D", "", phone)
    return digits[-_LAST_DIGITS:] if len(digits) >= _FEWEST_DIGITS else ""


def _telling_local(local: str, first: str, last: str) -> str:
    """Return what stands before the @, when it says more than a role or the name: letters and digits only."""
    plain = local.partition("+")[0]
    letters = "".join("".join(words_of(plain)).split())
    given, family = ("".join(part.split()) for part in (first, last))
    spelled = {one + other for one in (given, given[:1], "") for other in (family, family[:1], "")}
    spelled |= {other + one for one in (given, given[:1]) for other in (family, family[:1])}
    return "" if plain in _ROLES or len(letters) < 4 or letters in spelled else letters


def _name_in(local: str) -> tuple[str, str]:
    """Return the name that an address such as ``ada.lovelace@`` says."""
    parts = [part for part in re.split(r"[._-]", local.partition("+")[0]) if part.isalpha()]
    return (parts[0], parts[-1]) if len(parts) == 2 and min(map(len, parts)) > 1 else ("", "")


def _said_of_leads(workspace: Workspace) -> dict[int, dict[str, str]]:
    """Return by lead what holds of the fields that its row does not have."""
    facts: dict[int, list[Fact]] = {}
    found = Fact.objects.filter(workspace=workspace, field__in=_FIELDS, lead__isnull=False)
    for fact in found.only("lead_id", "field", "value", "known_at", "source").iterator(2000):
        facts.setdefault(fact.lead_id or 0, []).append(fact)
    return {lead: {name: text_of(fact) for name, fact in resolve(ones).items()} for lead, ones in facts.items()}


def _standing(workspace: Workspace, ids: Iterable[int]) -> Iterable[int]:
    """Yield those of some leads that still stand for themselves."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), _MOST):
        part: Sequence[int] = ordered[start : start + _MOST]
        yield from Lead.objects.filter(workspace=workspace, pk__in=part, merged_into=None).values_list("pk", flat=True)


def _is_of_likeness(because: str) -> bool:
    """Return whether a suggestion was made by comparing, and not by a rule or a person."""
    return because.startswith(("same ", "other ")) or " alike" in because


# -- reading ------------------------------------------------------------------------------------------------------


def open_suggestions(workspace: Workspace) -> QuerySet[Suggestion]:
    """Return the pairs that wait for somebody to look, the likeliest first."""
    return (
        Suggestion.objects.filter(
            workspace=workspace,
            state=Suggestion.State.OPEN,
            lead__merged_into=None,
            other__merged_into=None,
        )
        .select_related("lead__company", "other__company")
        .order_by("-probability", "-pk")
    )
