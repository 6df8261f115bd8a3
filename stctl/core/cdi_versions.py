"""The versions of the core driver interface (CDI) that the embedded core speaks."""

SUPPORTED = (
    *(f"2.{minor}" for minor in range(7, 22)),
    "3.0",
    "3.1",
    "4.0",
    *(f"5.{minor}" for minor in range(7)),
)
"""Oldest first. Membership goes by the exact text. Source: core, behaviour notes 1.4."""


def parts_of(version: str) -> tuple[int, ...]:
    """The numbers of a version text, to be compared part by part.

    >>> parts_of("2.10") > parts_of("2.9")
    True
    """
    return tuple(int(part) for part in version.split("."))
