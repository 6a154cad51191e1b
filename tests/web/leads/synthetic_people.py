"""Invented people with their duplicates, as forms, lists and CRMs make them: what suggested duplicates are measured on.

Of each pair it is known whether it is one person. Names are drawn with the skew that names have; colleagues share a company, families a
surname, and namesakes exist.
"""

import random
from dataclasses import dataclass


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST = _words(
    "Maria Anna Peter Thomas Michael Andreas Stefan Julia Laura Sarah Lisa David Daniel Martin Christian Markus Sandra Nicole Katrin Jan "
    "Tim Lukas Jonas Paul Felix Max Emma Sophie Marie Lena Robert William James John Elizabeth Margaret Susan Karen Carlos Lucia Pierre "
    "Camille Giulia Marco Olga Ivan Aisha Omar Yuki Chen Priya Raj Fatima Ahmed Ingrid Lars Sven Agnes Zofia Tomasz Katarzyna Beatriz"
)
LAST_PARTS = (
    _words("Lin Stein Wald Berg Feld Bach Hof Kirch Neu Alt Gross Klein Rosen Gold Silber Haber Korn Eich Busch Loh Acker Winter Sommer "
           "Oster Hohen Nieder Ober Unter Mittel Lang"),
    _words("mann berger ner hauser meier stein hoff feldt inger bauer müller schmidt weber tal brink kamp holt rath wig mer"),
)  # fmt: skip
COMMON_LAST = _words(
    "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Smith Jones Garcia Martin Rossi Nowak Silva"
)
TITLES = (
    "Marketing Manager", "Sales Manager", "Head of Marketing", "VP Sales", "CEO", "CTO", "Marketing Specialist", "Account Executive",
    "Head of Revenue Operations", "CRM Manager", "Finance Manager", "Product Manager", "IT Director", "Sales Director", "Founder",
)  # fmt: skip
FREE = ("gmail.com", "gmx.de", "outlook.com", "web.de")


@dataclass(slots=True)
class Made:
    """A person's record. person: who it is; two records with the same are duplicates."""

    person: int
    name: str
    email: str
    company: str
    phone: str
    title: str


def make_people(count: int, *, share: float = 0.08, seed: int = 7) -> list[Made]:
    """Return invented records; *share* of the people have a second one."""
    rng = random.Random(seed)
    companies = [
        ("".join(part.lower() for part in (rng.choice(LAST_PARTS[0]), rng.choice(LAST_PARTS[1]))) + str(number), number)
        for number in range(count // 6 + 1)
    ]
    people = [_person(number, rng, companies) for number in range(count)]
    _give_each_its_address(people)
    twins = [_again(person, rng) for person in people if rng.random() < share]
    made = people + twins
    rng.shuffle(made)
    return made


def _person(number: int, rng: random.Random, companies: list[tuple[str, int]]) -> Made:
    first = FIRST[min(int(rng.expovariate(1 / 18)), len(FIRST) - 1)]
    last = rng.choice(COMMON_LAST) if rng.random() < 0.15 else "".join(rng.choice(part) for part in LAST_PARTS)
    company = companies[min(int(rng.expovariate(1 / (len(companies) / 3))), len(companies) - 1)][0]
    domain = rng.choice(FREE) if rng.random() < 0.2 else f"{company}.example"
    local = rng.choice(
        (f"{first}.{last}", f"{first[0]}.{last}", f"{first}{last[0]}", f"{last}", f"{first}.{last}{number % 97}")
    )
    switchboard = f"+49 30 {abs(hash_of(company)) % 900000 + 100000}"
    phone = "" if rng.random() < 0.5 else f"{switchboard}-{rng.randint(10, 999)}"
    return Made(
        person=number,
        name=f"{first} {last}",
        email=f"{local}@{domain}".lower() if rng.random() < 0.92 else "",
        company=company.title() + rng.choice((" GmbH", "", " AG", " Inc.")) if rng.random() < 0.8 else "",
        phone=phone,
        title=rng.choice(TITLES) if rng.random() < 0.7 else "",
    )


def _give_each_its_address(people: list[Made]) -> None:
    """Let nobody share an address: providers count up, and so do we."""
    used: set[str] = set()
    for person in people:
        local, _, domain = person.email.partition("@")
        number = 1
        while person.email and person.email in used:
            number += 1
            person.email = f"{local}{number}@{domain}"
        used.add(person.email)


def _again(person: Made, rng: random.Random) -> Made:
    """Return the same person as somebody else wrote them down."""
    first, last = person.name.split()
    name = rng.choice(
        (
            person.name,
            person.name,
            person.name.lower(),
            f"{first[0]}. {last}",
            f"{last}, {first}",
            _typo(person.name, rng),
            f"{first} {last[:-1]}",
        )
    )
    local, _, domain = person.email.partition("@")
    email = rng.choice(
        (
            "",
            f"{first}.{last}@{rng.choice(FREE)}".lower(),
            f"{local}@{rng.choice(FREE)}" if local else "",
            f"{first[0]}{last}@{domain}".lower() if domain else "",
            f"{_typo(local, rng)}@{domain}" if local else "",
        )
    )
    return Made(
        person=person.person,
        name=name,
        email=email,
        company=person.company.removesuffix(" GmbH").removesuffix(" AG") if rng.random() < 0.7 else "",
        phone=person.phone.replace(" ", "").replace("-", "").replace("+49", "0") if rng.random() < 0.6 else "",
        title=person.title if rng.random() < 0.6 else "",
    )


def _typo(text: str, rng: random.Random) -> str:
    """Swap two neighbouring letters."""
    if len(text) < 4:
        return text
    at = rng.randrange(1, len(text) - 2)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def hash_of(text: str) -> int:
    """Return a number for a text that is the same in every process."""
    return sum(ord(letter) * 31**place for place, letter in enumerate(text))
