"""The starter: a commented playbook for B2B SaaS, its cases, and data to try it on.

    playbook.toml   the playbook a new team begins with; reading it teaches the language
    cases.toml      what that playbook promises, as leads and expected answers
    generate.py     leads, companies, events, facts and outcomes, invented from a seed
    story.py        what one invented lead does, and what sales makes of it
    people.py       the words that invented people and companies are made of

`leadline init` copies the two TOML files and writes a small data set beside them. Everything here is invented: no
person, company or address is real, and all domains end in `.example`. It imports nothing but the standard library.
"""

from pathlib import Path

FOLDER = Path(__file__).parent
PLAYBOOK = FOLDER / "playbook.toml"
CASES = FOLDER / "cases.toml"

__all__ = ["CASES", "FOLDER", "PLAYBOOK"]
