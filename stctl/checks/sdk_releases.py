"""Which release of a backend SDK speaks which version of the core driver interface.

From these releases on each speaks exactly one. Source: SDKs, behaviour notes 2.5.
"""

from collections.abc import Mapping, Sequence

RELEASES: Mapping[str, Sequence[tuple[str, str]]] = {
    "node": (
        ("14", "2.21"),
        ("15", "3.0"),
        ("16", "4.0"),
        ("17", "5.0"),
        ("19", "5.1"),
        ("21", "5.2"),
        ("22", "5.3"),
        ("24", "5.4"),
    ),
    "python": (
        ("0.13", "2.21"),
        ("0.15", "3.0"),
        ("0.24", "3.1"),
        ("0.25", "5.1"),
        ("0.27", "5.2"),
        ("0.30", "5.3"),
        ("0.31", "5.4"),
    ),
    "go": (("0.12", "2.21"), ("0.13", "3.0"), ("0.24", "3.1")),
}
"""The first release that speaks a version, with that version; each holds until the next one."""

NEWEST: Mapping[str, str] = {name: rows[-1][1] for name, rows in RELEASES.items()}


def spoken_by(name: str, version: tuple[int, int, int]) -> str | None:
    """Return the version that a release speaks; None for older ones, which speak several."""
    found = None
    for first, cdi in RELEASES[name]:
        major, _, minor = first.partition(".")
        if version[:2] >= (int(major), int(minor or 0)):
            found = cdi
    return found


def span(name: str, cdi: str) -> str | None:
    """Return the releases that speak a version, such as `16 to 16.x`; None where none does.

    >>> span("node", "4.0"), span("go", "3.1"), span("go", "5.4")
    ('node 16', 'go 0.24 and newer', None)
    """
    rows = RELEASES[name]
    for number, (first, spoken) in enumerate(rows):
        if spoken == cdi:
            is_last = number == len(rows) - 1
            return f"{name} {first}{_until(name, rows, number) if not is_last else ' and newer'}"
    return None


def _until(name: str, rows: Sequence[tuple[str, str]], number: int) -> str:
    following = rows[number + 1][0]
    if name == "node":
        last = str(int(following) - 1)
    else:
        last = f"0.{int(following.partition('.')[2]) - 1}"
    return "" if last == rows[number][0] else f" to {last}"
