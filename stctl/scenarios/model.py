"""What a scenario is: cases, made of steps, each case with a promised end."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from stctl.recipe.config import AntiCsrf
from stctl.recipe.failures import ErrorName
from stctl.recipe.transfer import Place

CoreState = Literal["up", "down", "wrong-key", "500", "html"]
WaitFor = Literal["access-token-expiry"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogIn:
    """Somebody signs in to the app; the app makes a session."""

    who: str = "browser"
    user: str = "alice"
    short_lived: bool = False
    """Whether its access token is to expire soon, where the clock cannot be moved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Somebody calls a route of the app."""

    who: str = "browser"
    method: str = "GET"
    path: str = "/protected"
    access_token: str | None = None
    """Sent in place of the one that `who` holds; may name another step's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresh:
    """Somebody calls the refresh API."""

    who: str = "browser"
    refresh_token: str | None = None
    """Sent in place of the one that `who` holds; may name another step's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOut:
    """Somebody calls the sign-out API."""

    who: str = "browser"


@dataclass(frozen=True, slots=True, kw_only=True)
class Steal:
    """Somebody copies all that another holds at this moment."""

    who: str = "thief"
    victim: str = "browser"


Thing = Literal["access_token", "refresh_token", "anti_csrf", "rid"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Somebody loses or spoils what they hold."""

    who: str = "browser"
    lose: tuple[Thing, ...] = ()
    spoil: tuple[Thing, ...] = ()
    """The signature of an access token, or the last part of a refresh token, is altered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Time passes."""

    duration_ms: int | None = None
    until: WaitFor | None = None
    who: str = "browser"
    """Whose access token is waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoke:
    """An operator ends sessions at the core."""

    handle: str | None = None
    user: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreIs:
    """Something happens on the way between the backend and its core."""

    state: CoreState


Deed: TypeAlias = LogIn | Call | Refresh | SignOut | Steal | Change | Wait | Revoke | CoreIs


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """How a request is to end; what is None is not looked at."""

    error: ErrorName | None = None
    no_error: bool = False
    """Written as `error = "none"`."""
    handler: str | None = None
    status: int | None = None
    """As the default handlers answer it; a custom handler may answer anything."""
    clears_session: bool | None = None
    side_effect: str | None = None
    """Of the default handler."""
    reuse: str | None = None
    """How the core classifies the reuse of a refresh token, from CDI 5.6 on."""
    next: str | None = None
    """What the frontend SDK does next, on the default handlers' answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that somebody does."""

    name: str
    deed: Deed
    says: str
    """What happens, in plain words."""
    expect: Expectation | None
    line: int
    """Where it stands in its file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CdiRange:
    """CDI versions from `first` to `last`, both included; None is open."""

    first: str | None = None
    last: str | None = None

    def holds(self, version: str) -> bool:
        """Whether a version lies in the range."""
        return not (
            (self.first is not None and _order(version) < _order(self.first))
            or (self.last is not None and _order(version) > _order(self.last))
        )

    def __str__(self) -> str:
        if self.first is None:
            return f"CDI {self.last} or older" if self.last else "any CDI"
        return f"CDI {self.first} to {self.last}" if self.last else f"CDI {self.first} or newer"


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a case needs to be what it is."""

    cdi: CdiRange
    anti_csrf: AntiCsrf | None = None
    transfer: Place | None = None
    settings: Mapping[str, str]
    """Of the core; where they cannot be set, the case is not played."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One way in which a scenario goes."""

    name: str
    doc: str
    needs: Needs
    steps: tuple[Step, ...]
    promise: Step
    """The step whose end the case is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One error, or one kind of trouble, in all the ways that can be rehearsed."""

    name: str
    doc: str
    cases: tuple[Case, ...]
    source: str
    """File that it was read from, for people."""
