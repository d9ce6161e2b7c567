"""`.venv/bin/python -m docs.decision_list` writes docs/decisions/README.md: one line per record."""

from __future__ import annotations

from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).with_name("decisions")
# The first number of a group, and what it is about.
GROUPS: Final = {
    1: "Platform",
    10: "Balance: method and engine",
    20: "Launcher and tests",
    30: "Balance: imports and organisation",
    40: "Measures",
    50: "Participation",
    60: "Scenarios and exchange",
    70: "Controlling",
    80: "Operations",
    90: "Embeds, open data, integrators",
    95: "The house",
}


def written() -> str:
    """The list as it should be, from the records' headings."""
    parts = ["# Decisions\n\nOne line each; the record says what was decided, and why.\n"]
    begun = 0
    for path in sorted(FOLDER.glob("[0-9]*.md")):
        heading = path.read_text(encoding="utf-8").partition("\n")[0]
        number, _, title = heading.removeprefix("# ").partition(" ")
        group = max(first for first in GROUPS if first <= int(number))
        if group != begun:
            parts.append(f"\n## {GROUPS[group]}\n")
            begun = group
        parts.append(f"- [{number}]({path.name}) {title}\n")
    return "".join(parts)


if __name__ == "__main__":
    (FOLDER / "README.md").write_text(written(), encoding="utf-8")
