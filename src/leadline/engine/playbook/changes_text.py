"""Prints what changed between two versions of a playbook, part by part."""

from collections.abc import Iterable, Iterator

from leadline.engine.playbook.changes import ChangeKind, PlaybookChange

SIGNS: dict[ChangeKind, str] = {
    "added": "New",
    "removed": "Gone",
    "changed": "Changed",
    "moved": "Moved",
    "renamed": "Renamed",
}
"""What stands before a change."""


def render_changes(changes: Iterable[PlaybookChange]) -> str:
    """Return changes as text, in the order in which they are given."""
    parts: dict[str, list[PlaybookChange]] = {}
    for change in changes:
        parts.setdefault(change.part, []).append(change)
    return "\n\n".join("\n".join(_part(part)) for part in parts.values()) or "Nothing changed."


def _part(changes: list[PlaybookChange]) -> Iterator[str]:
    yield changes[0].part_title
    for change in changes:
        yield f"- {SIGNS[change.kind]}: {change.sentence}"
