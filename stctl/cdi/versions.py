"""Versions of the core driver interface (CDI): which ones there are, and which one to speak.

A version is text such as `2.21`; it is compared number by number, so 2.10 is above 2.9.
Source: core, behaviour notes 1.4.
"""

from collections.abc import Iterable
from typing import Literal

from stctl.errors import ErrorKind, StctlError

SUPPORTED: tuple[str, ...] = (
    *(f"2.{minor}" for minor in range(7, 22)),
    "3.0",
    "3.1",
    "4.0",
    *(f"5.{minor}" for minor in range(7)),
)
"""Every version that stctl speaks, oldest first."""

CEILING = "5.4"
"""The newest version taken unasked: what today's backend SDKs speak.

From 5.6 on a refresh replaces its token at once and the core itself ends a session whose token is
used again. A tool that looks after sessions made by SDKs must not switch to that silently.
"""

Family = Literal["legacy", "rotation"]


def number_parts(version: str) -> tuple[int, ...]:
    """Return the numbers of a version, for comparing; ValueError for anything else."""
    return tuple(int(part) for part in version.split("."))


def version_order(version: str) -> tuple[int, ...]:
    """Return a key that sorts versions; text that is no version comes first."""
    try:
        return number_parts(version)
    except ValueError:
        return ()


def is_at_least(version: str, floor: str) -> bool:
    """Tell whether `version` is `floor` or newer.

    >>> is_at_least("2.10", "2.9"), is_at_least("5.4", "5.6")
    (True, False)
    """
    return number_parts(version) >= number_parts(floor)


def family_of(version: str) -> Family:
    """Return how a version treats refresh tokens: `rotation` from 5.6 on, else `legacy`."""
    return "rotation" if is_at_least(version, "5.6") else "legacy"


def checked(version: str) -> str:
    """Return a version that somebody asked for, as it must be written on the wire.

    Raises USAGE for a version that stctl does not speak. The core looks versions up by their
    exact text, so `5.06` is no version either.
    """
    wanted = version.strip()
    if wanted in SUPPORTED:
        return wanted
    raise StctlError(
        ErrorKind.USAGE,
        f"{version!r} is not a version of the core driver interface that stctl speaks",
        hint=f"Versions: {', '.join(SUPPORTED)}.",
    )


def negotiate(offered: Iterable[str], *, ceiling: str = CEILING) -> str:
    """Return the version to speak with a core that offers `offered`.

    That is the highest one in common up to `ceiling`; where there is none, the lowest one in
    common above it. Texts that are no known version are passed over. Raises CORE_VERSION when
    nothing is in common.
    """
    offers = list(offered)
    common = [version for version in SUPPORTED if version in offers]
    below = [version for version in common if is_at_least(ceiling, version)]
    if below:
        return below[-1]
    if common:
        return common[0]
    raise StctlError(
        ErrorKind.CORE_VERSION,
        f"the core offers CDI {', '.join(offers[:30]) or 'nothing'}; "
        f"stctl speaks {SUPPORTED[0]} to {SUPPORTED[-1]}",
    )
