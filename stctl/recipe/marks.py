"""What an answer sets and clears, read from its headers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from stctl.exchange import Pairs
from stctl.recipe.response import REMOVE
from stctl.recipe.transfer import (
    ACCESS_COOKIE,
    ACCESS_HEADER,
    ANTI_CSRF_HEADER,
    FRONT_TOKEN_HEADER,
    LEGACY_COOKIE,
    LEGACY_HEADER,
    REFRESH_COOKIE,
    REFRESH_HEADER,
)

_COOKIES: Final = frozenset({ACCESS_COOKIE, REFRESH_COOKIE, LEGACY_COOKIE})
_HEADERS: Final = (
    ACCESS_HEADER,
    REFRESH_HEADER,
    FRONT_TOKEN_HEADER,
    LEGACY_HEADER,
    ANTI_CSRF_HEADER,
)
_REMOVABLE: Final = frozenset({FRONT_TOKEN_HEADER, LEGACY_HEADER})
_OVER: Final = frozenset({f"header:{FRONT_TOKEN_HEADER}", f"header:{LEGACY_HEADER}"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What an answer does to the tokens of a browser."""

    cleared: tuple[str, ...]
    """`cookie:NAME` and `header:NAME`; a cookie that is cleared and set again is in both."""
    set: tuple[str, ...]

    @property
    def clears_session(self) -> bool:
        """Whether the answer tells the browser that its session is over."""
        return any(mark in _OVER for mark in self.cleared)


def read_marks(headers: Pairs) -> Marks:
    """Read what an answer sets and clears; other cookies and headers are left out."""
    return _read(tuple(headers))


# Most answers of one backend set and clear the same, and inferring reads each of them many times.
@lru_cache(maxsize=512)
def _read(headers: tuple[tuple[str, str], ...]) -> Marks:
    cleared: list[str] = []
    placed: list[str] = []
    for name, value in _cookies(headers):
        (placed if value else cleared).append(f"cookie:{name}")
    values = {name.lower(): value for name, value in headers}
    for name in _HEADERS:
        if name not in values:
            continue
        is_over = name in _REMOVABLE and values[name] == REMOVE
        (cleared if is_over or not values[name] else placed).append(f"header:{name}")
    return Marks(cleared=_once(cleared), set=_once(placed))


def _once(marks: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(marks))


def _cookies(headers: Pairs) -> Iterable[tuple[str, str]]:
    for header, line in headers:
        if header.lower() != "set-cookie":
            continue
        name, _, value = line.split(";", 1)[0].strip().partition("=")
        if name in _COOKIES:
            yield name, value.strip('"')
