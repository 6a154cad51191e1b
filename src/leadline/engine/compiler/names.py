"""Names for the columns of a plan: readable, safe in every dialect, each given once."""

import re


class Names:
    """Gives each thing one plain name.

    >>> names = Names()
    >>> names.of("c", "pricing-page"), names.of("c", "pricing_page"), names.of("c", "pricing-page")
    ('c_pricing_page', 'c_pricing_page_2', 'c_pricing_page')
    """

    def __init__(self) -> None:
        self._given: dict[tuple[str, str], str] = {}
        self._taken: set[str] = set()

    def of(self, kind: str, name: str) -> str:
        """Return the column of *name* among the things of a *kind*, which begins it."""
        if (kind, name) not in self._given:
            plain = f"{kind}_{re.sub(r'[^a-z0-9]+', '_', name.lower()).strip('_') or 'x'}"[:50]
            chosen, number = plain, 1
            while chosen in self._taken:
                number += 1
                chosen = f"{plain}_{number}"
            self._taken.add(chosen)
            self._given[(kind, name)] = chosen
        return self._given[(kind, name)]
