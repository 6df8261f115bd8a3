"""The routes of a real app that stand for those of the rehearsed one, and its login."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import parse_qsl, unquote

from stctl.errors import ErrorKind, StctlError
from stctl.exchange import Pairs, Request
from stctl.scenarios.model import Call
from stctl.scenarios.routes import ROUTES

PROTECTED: Final = "protected"
CLAIMED: Final = "admin"
"""Of the rehearsed routes the one that has a claim validator."""
USUAL_ROUTE: Final = "GET /sessioninfo"
"""The protected route of the starter apps of SuperTokens."""
USER: Final = "{user}"
"""What stands for the id of a user in a login request."""
NAMES: Final = tuple(path.removeprefix("/") for path in ROUTES)
_FORM: Final = re.compile(r"([A-Z]+) +(/\S*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class AppRoute:
    """A method and a path of an app."""

    method: str
    path: str
    """Percent-decoded, without the query."""
    query: Pairs = ()

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """The request with which somebody signs in; `{user}` stands for the user's id."""

    route: AppRoute
    headers: Pairs = ()
    body: str = ""

    @property
    def names_user(self) -> bool:
        """Whether different users can sign in with it."""
        texts = (self.route.path, self.body, *(value for _, value in self._pairs))
        return any(USER in text for text in texts)

    @property
    def _pairs(self) -> Pairs:
        return (*self.route.query, *self.headers)

    def request(self, user_id: str, browser: Request) -> Request:
        """The request for one user, with what the browser adds."""
        headers = _filled(self.headers, user_id)
        own = {name.lower() for name, _ in headers}
        if self.body and "content-type" not in own:
            headers = [*headers, ("content-type", _kind_of(self.body))]
        kept = [pair for pair in browser.headers if pair[0].lower() not in own]
        return replace(
            browser,
            method=self.route.method,
            path=self.route.path.replace(USER, user_id),
            query=_filled(self.route.query, user_id),
            headers=(*kept, *headers),
            body=self.body.replace(USER, user_id).encode(),
        )


def _filled(pairs: Pairs, user_id: str) -> list[tuple[str, str]]:
    return [(name, value.replace(USER, user_id)) for name, value in pairs]


def _kind_of(body: str) -> str:
    is_json = body.lstrip()[:1] in {"{", "["}
    return "application/json" if is_json else "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class AppRoutes:
    """Which route of the app stands for which of the rehearsed one."""

    known: Mapping[str, Sequence[AppRoute]] = field(default_factory=dict)
    """By the name of the rehearsed one, `protected` or `protected-db`."""

    def find(self, deed: Call) -> AppRoute | None:
        """The route that a step calls; None where the app's is not known.

        A path that the rehearsed app does not have is one of the app itself.
        """
        if deed.path not in ROUTES:
            return AppRoute(method=deed.method, path=deed.path)
        routes = self.known.get(deed.path.removeprefix("/"), ())
        fitting = [route for route in routes if route.method == deed.method]
        if not fitting and deed.path.removeprefix("/") != PROTECTED:
            fitting = [*routes]
        return fitting[0] if fitting else None

    @property
    def protected(self) -> AppRoute | None:
        """The route to try a session on: one that changes nothing, if there is one."""
        routes = self.known.get(PROTECTED, ())
        return next((one for one in routes if one.method == "GET"), next(iter(routes), None))


def read_route(text: str, option: str) -> AppRoute:
    """Read `GET /path?query`; a path alone is asked with GET. Raises USAGE for anything else.

    >>> str(read_route("/me", "--protected"))
    'GET /me'
    """
    found = _FORM.fullmatch(text.strip() if " " in text.strip() else f"GET {text.strip()}")
    if found is None:
        raise StctlError(
            ErrorKind.USAGE,
            f"{option} takes a method and a path, not {text!r}",
            hint=f"Write {option} 'METHOD /path', as in 'POST /login' and 'GET /me'.",
        )
    path, _, query = found[2].partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    return AppRoute(method=found[1], path=unquote(path), query=pairs)


def read_header(text: str, option: str) -> tuple[str, str]:
    """Read `Name: value`; raises USAGE for anything else."""
    name, colon, value = text.partition(":")
    if not colon or not name.strip() or any(char.isspace() for char in name.strip()):
        raise StctlError(
            ErrorKind.USAGE,
            f"{option} takes a name and a value, parted by a colon",
            hint=f"Write {option} 'Name: value'.",
        )
    return name.strip().lower(), value.strip()
