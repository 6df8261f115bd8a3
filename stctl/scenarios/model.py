"""What a scenario is: cases, made of steps, each case with a promised end."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from stctl.recipe.config import AntiCsrf
from stctl.recipe.failures import ErrorName
from stctl.recipe.transfer import Place

CoreState = Literal[
    "up",
    "down",
    "hanging",
    "wrong-key",
    "500",
    "html",
    "too-old",
    "restarted",
    "other-app",
]
WaitFor = Literal["access-token-expiry"]
Reply = Literal["arrives", "lost", "waits"]
"""What becomes of an answer on its way to the browser; one that waits is received later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogIn:
    """Somebody signs in to the app; the app makes a session."""

    who: str = "browser"
    user: str = "alice"
    payload: Mapping[str, object] = field(default_factory=dict)
    """Claims that the app puts into the access token."""
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
    reply: Reply = "arrives"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresh:
    """Somebody calls the refresh API."""

    who: str = "browser"
    refresh_token: str | None = None
    """Sent in place of the one that `who` holds; may name another step's."""
    reply: Reply = "arrives"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receive:
    """An answer that was on its way arrives."""

    reply_of: str
    """Name of the step whose answer waits."""
    who: str = "browser"


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
Relic = Literal["access_token", "refresh_token", "legacy_cookie"]
"""A cookie that an older version of the app has left behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Somebody loses or spoils what they hold, or holds relics."""

    who: str = "browser"
    lose: tuple[Thing, ...] = ()
    spoil: tuple[Thing, ...] = ()
    """The signature of an access token, or the last part of a refresh token, is altered."""
    relics: tuple[Relic, ...] = ()
    """Sent beside the cookies in force; a token's is the value held at this moment."""


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
class SetPayload:
    """An operator writes the claims of a session at the core."""

    handle: str
    payload: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUp:
    """An operator makes a user at the core; sessions need none."""

    user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteUser:
    """An operator removes a user at the core."""

    user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreIs:
    """Something happens to the core, or on the way between the backend and it."""

    state: CoreState


@dataclass(frozen=True, slots=True, kw_only=True)
class AppIs:
    """The backend is started again, perhaps with another configuration."""

    dynamic_signing_key: bool | None = None
    """None: as it was."""


Sending: TypeAlias = LogIn | Call | Refresh | SignOut
"""Deeds that send a request to the backend."""
AtTheCore: TypeAlias = Revoke | SetPayload | SignUp | DeleteUser
"""Deeds of an operator."""
Deed: TypeAlias = Sending | Receive | Steal | Change | Wait | AtTheCore | CoreIs | AppIs


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
    older_cookie_domain: str | None = None
    """As the backend is configured."""
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
class Parameter:
    """Something about a scenario that people may choose."""

    name: str
    kind: "ParameterKind"
    doc: str
    default: str
    value: str
    """What was chosen, or the default."""


ParameterKind = Literal["duration", "number", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One error, or one kind of trouble, in all the ways that can be rehearsed."""

    name: str
    doc: str
    parameters: tuple[Parameter, ...] = ()
    cases: tuple[Case, ...]
    source: str
    """File that it was read from, for people."""
