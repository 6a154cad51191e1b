"""What a person may set: every environment variable that Leadline reads, with its default and its meaning, once.

docs/reference/settings.md is written from this list. tests/web/operations/test_environment.py fails for a variable that is read
somewhere and is not here, and for one here that nothing reads. Knows no Django: the documentation is written without it.
"""

import os
from dataclasses import dataclass


class SettingError(ValueError):
    """An environment variable is set to what it cannot be. The text names it, says how to mend it, and repeats no secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """An environment variable.

    name:     as it is set.
    default:  what holds without it, in words or as a value; shown, and returned by `read` where it is a value.
    meaning:  a sentence or two, for whoever runs an installation.
    example:  a value that works.
    """

    name: str
    meaning: str
    default: str = ""
    example: str = ""


CHAPTERS: dict[str, tuple[Variable, ...]] = {
    "Where things are": (
        Variable(
            name="LEADLINE_DATA",
            meaning="The folder of the installation: the SQLite file, the secret key, uploads. Only its owner can read it.",
            default="leadline-data",
            example="/var/lib/leadline",
        ),
        Variable(
            name="DATABASE_URL",
            meaning="The PostgreSQL database. Without it, it is a SQLite file in the folder. Percent-encode what is special in a password.",
            example="postgresql://leadline:password@db.example/leadline",
        ),
        Variable(
            name="LEADLINE_SQLITE_SYNCHRONOUS",
            meaning="`NORMAL` answers faster, and may lose the last seconds at a power cut (not at a crash). /health says so.",
            default="FULL",
            example="NORMAL",
        ),
    ),
    "Who may reach it": (
        Variable(
            name="LEADLINE_HOSTS",
            meaning="The names by which others reach it, separated by commas. Any other is refused, but for those of this machine itself.",
            default="localhost,127.0.0.1,[::1]",
            example="leads.example.com",
        ),
        Variable(
            name="LEADLINE_HTTPS",
            meaning="`1` when a proxy in front speaks HTTPS and sends `X-Forwarded-Proto`: cookies are then sent over HTTPS only.",
            example="1",
        ),
        Variable(
            name="LEADLINE_ORIGINS",
            meaning="More origins whose forms are accepted, separated by commas. Needed only where a proxy changes the Host header.",
            example="https://leads.example.com",
        ),
        Variable(
            name="LEADLINE_PROXIES",
            meaning="How many proxies stand in front and append to `X-Forwarded-For`. With 0 that header is not believed.",
            default="0",
            example="1",
        ),
        Variable(
            name="LEADLINE_SETUP_CODE",
            meaning="What the page for the first user asks for. `leadline up` makes one and prints it when others can reach the server.",
        ),
        Variable(
            name="LEADLINE_HEALTH_TOKEN",
            meaning="Whoever sends it as `Authorization: Bearer …` reads what /health found, in full; else administrators do.",
        ),
    ),
    "How long somebody stays signed in": (
        Variable(
            name="LEADLINE_SESSION_IDLE_HOURS",
            meaning="Who has clicked nothing for so many hours is asked to sign in again. The default lasts over a weekend.",
            default="72",
            example="12",
        ),
        Variable(
            name="LEADLINE_SESSION_DAYS",
            meaning="Whatever they clicked, people are asked to sign in again so many days after they last did.",
            default="14",
            example="1",
        ),
    ),
    "Secrets": (
        Variable(
            name="LEADLINE_SECRET_KEY",
            meaning="Signs sessions and keys of sources. Without it, one is made on first start and kept in the folder as `secret.key`. "
            "Several machines on one database need the same.",
        ),
    ),
    "Signing in with OpenID Connect": (
        Variable(
            name="LEADLINE_OIDC_ISSUER",
            meaning="The address of the provider that vouches for people. Needs the extra `[oidc]`, and /sign-in/provider/done/ "
            "as the address that the provider sends people back to. Without it people sign in with a password only.",
            example="https://login.example.com",
        ),
        Variable(
            name="LEADLINE_OIDC_CLIENT",
            meaning="The id that the provider gave to this application.",
            example="leadline",
        ),
        Variable(
            name="LEADLINE_OIDC_SECRET",
            meaning="The secret that belongs to it.",
        ),
        Variable(
            name="LEADLINE_OIDC_TITLE",
            meaning="What people call the provider: the button says “Sign in with …”.",
            default="your company’s account",
            example="Example ID",
        ),
        Variable(
            name="LEADLINE_OIDC_DOMAINS",
            meaning="Only addresses of these domains are let in this way, separated by commas. Without it, any domain.",
            example="example.com,example.org",
        ),
        Variable(
            name="LEADLINE_OIDC_NEW_ROLE",
            meaning="Who is no member yet becomes one with this role: `admin`, `marketer`, `rep`, `manager` or `viewer`. "
            "Without it, only members are let in.",
            example="viewer",
        ),
        Variable(
            name="LEADLINE_OIDC_NEW_WORKSPACE",
            meaning="The workspace that new members come into, by its short name, which its settings show.",
            example="northwind",
        ),
    ),
    "Mail": (
        Variable(
            name="LEADLINE_MAIL_URL",
            meaning="The server that sends mail: `smtp://` with STARTTLS, `smtps://` with TLS at once, `smtp+plain://` with neither. "
            "Without it nobody is sent a link for a new password: `leadline user reset` prints one.",
            example="smtp://name:password@mail.example:587",
        ),
        Variable(
            name="LEADLINE_MAIL_FROM",
            meaning="The sender of those mails.",
            default="leadline@localhost",
            example="Leadline <leadline@example.com>",
        ),
    ),
    "Tracking API": (
        Variable(
            name="LEADLINE_MOST_EVENT_BYTES",
            meaning="How many bytes an event may have. A longer one is refused by itself and kept on the page of refused events.",
            default="32768",
            example="65536",
        ),
        Variable(
            name="LEADLINE_MOST_BATCH_BYTES",
            meaning="How many bytes a request may have, unpacked. A longer one is answered with 400.",
            default="512000",
            example="4000000",
        ),
        Variable(
            name="LEADLINE_MOST_BATCH_EVENTS",
            meaning="How many events a request may have. One with more is answered with 400.",
            default="2500",
            example="5000",
        ),
        Variable(
            name="LEADLINE_MOST_WAITING_DELIVERIES",
            meaning="How many requests may wait for the worker. From then on more are answered with 429, and clients keep them.",
            default="100000",
            example="500000",
        ),
        Variable(
            name="LEADLINE_MOST_REFUSED_AN_HOUR",
            meaning="How many refused events of one source are kept in an hour. More are counted, and not kept, so that a broken client "
            "cannot fill the disk. With 0 none is kept.",
            default="1000",
            example="5000",
        ),
    ),
    "The API": (
        Variable(
            name="LEADLINE_API_REQUESTS_A_MINUTE",
            meaning="How often one API key may ask in a minute. What is more is answered with 429, and when to ask again.",
            default="600",
            example="3000",
        ),
    ),
    "How long what was told is kept": (
        Variable(
            name="LEADLINE_TOLD_DAYS",
            meaning="Notices, messages to channels and webhooks with what was answered are deleted after so many days. "
            "What still waits to be sent is kept.",
            default="90",
            example="30",
        ),
    ),
    "Webhooks": (
        Variable(
            name="LEADLINE_WEBHOOKS_ALLOW",
            meaning="Hosts and networks of your own that webhooks may go to although they are not public, separated by commas.",
            example="crm.intranet.example,10.20.0.0/16",
        ),
        Variable(
            name="LEADLINE_WEBHOOKS_PORTS",
            meaning="The ports that webhooks may go to, separated by commas.",
            default="443,8443",
            example="443,9443",
        ),
        Variable(
            name="LEADLINE_WEBHOOKS_TO_THIS_MACHINE",
            meaning="`1` lets webhooks go to this machine itself, at any port and without HTTPS: for trying out, not for production.",
            example="1",
        ),
    ),
    "Logs": (
        Variable(
            name="LEADLINE_LOG",
            meaning="How much is logged, to stderr: `DEBUG`, `INFO`, `WARNING` or `ERROR`.",
            default="INFO",
            example="WARNING",
        ),
    ),
}
VARIABLES = {one.name: one for chapter in CHAPTERS.values() for one in chapter}


def read(name: str) -> str:
    """Return what a variable is set to, else its default.

    Raises:
        KeyError: the variable is not in the list above, so that nobody could know of it.
    """
    return os.environ.get(name, "").strip() or VARIABLES[name].default


def read_count(name: str, *, least: int = 0) -> int:
    """Return a variable that is a whole number, not below *least*.

    Raises:
        SettingError: it is something else.
    """
    text = read(name)
    if not (text.isascii() and text.isdigit()) or int(text) < least:
        bound = f" of {least} or more" if least else ""
        raise SettingError(f"{name} is {text!r}; it should be a number{bound} such as {VARIABLES[name].example}")
    return int(text)


def read_ports(name: str) -> list[int]:
    """Return a variable that lists ports.

    Raises:
        SettingError: one of them is none.
    """
    ports = read_list(name)
    if any(not (one.isascii() and one.isdigit()) or not 0 < int(one) < 65536 for one in ports):
        raise SettingError(f"{name} is {read(name)!r}; it should be ports such as {VARIABLES[name].example}")
    return [int(one) for one in ports]


def read_list(name: str) -> list[str]:
    """Return the parts of a variable that are separated by commas."""
    return [part.strip() for part in read(name).split(",") if part.strip()]
