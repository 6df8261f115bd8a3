"""What an examination finds, and the table of everything that is examined."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Level = Literal["pass", "warn", "fail", "skip"]
_CDI = "https://github.com/supertokens/core-driver-interface"
_CORE_CONFIG = "https://github.com/supertokens/supertokens-core/blob/master/config.yaml"
_CHECKLIST = "https://github.com/supertokens/supertokens-core/issues/1044"
_CORS = "https://developer.mozilla.org/en-US/docs/Web/HTTP/CORS"
_SET_COOKIE = "https://developer.mozilla.org/en-US/docs/Web/HTTP/Headers/Set-Cookie"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that is looked at."""

    id: str
    title: str
    link: str | None = None


CHECKS: Sequence[Check] = (
    Check("core.dns", "the host name is known"),
    Check("core.tcp", "a connection can be made"),
    Check("core.tls", "the connection is safe, and its certificate trusted"),
    Check("core.hello", "a core answers, and reaches its database"),
    Check("core.key", "the API key is asked for, and right"),
    Check("core.interface", "the address leads to the interface of a core", _CDI),
    Check("core.sdks", "versions of the interface that backend SDKs need", _CDI),
    Check("core.hosts", "every host is of one core"),
    Check("core.keys", "the key set is there for everybody, and may be kept"),
    Check("core.key-age", "the signing key rotates"),
    Check("core.clock", "the core's clock agrees with this machine's"),
    Check("core.settings", "the core tells its settings", _CORE_CONFIG),
    Check("core.validity", "how long tokens are valid", _CORE_CONFIG),
    Check("core.grace", "how long a replaced refresh token may be used again", _CORE_CONFIG),
    Check("core.rotation", "how often signing keys change", _CORE_CONFIG),
    Check("core.static", "whether keys that never rotate sign sessions", _CORE_CONFIG),
    Check("core.pool", "threads that answer requests", _CORE_CONFIG),
    Check("core.telemetry", "whether the core reports its use", _CORE_CONFIG),
    Check("app.dns", "the host name is known"),
    Check("app.tcp", "a connection can be made"),
    Check("app.tls", "the connection is safe, and its certificate trusted"),
    Check("app.refresh-path", "the refresh API is where the frontend looks for it", _CHECKLIST),
    Check("app.status", "the status of an expired session"),
    Check("app.cleared", "the answer ends a session in the browser", _CHECKLIST),
    Check("app.empty-headers", "empty headers arrive"),
    Check("app.cookies", "browsers keep the cookies and send them back", _SET_COOKIE),
    Check("app.preflight", "browsers may send what the frontend sends", _CORS),
    Check("app.credentials", "browsers may send cookies from the website", _CORS),
    Check("app.exposed", "the frontend may read the headers of tokens", _CORS),
    Check("app.fdi", "versions of the frontend interface"),
    Check("app.token-size", "an access token fits into a cookie"),
)
"""Everything that is examined, in its order."""
BY_ID = {check.id: check for check in CHECKS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """How one check ended."""

    id: str
    level: Level
    detail: str
    """What was seen, or why it was not looked at; never a secret."""
    hint: str = ""
    subject: str | None = None
    """The host it is about, where there are several."""

    @property
    def check(self) -> Check:
        """What was looked at."""
        return BY_ID[self.id]


def passed(id_: str, detail: str, subject: str | None = None) -> Finding:
    """Make a finding that is as it should be."""
    return Finding(id=id_, level="pass", detail=detail, subject=subject)


def warned(id_: str, detail: str, hint: str, subject: str | None = None) -> Finding:
    """Make a finding that works and may hurt."""
    return Finding(id=id_, level="warn", detail=detail, hint=hint, subject=subject)


def failed(id_: str, detail: str, hint: str, subject: str | None = None) -> Finding:
    """Make a finding that keeps sessions from working."""
    return Finding(id=id_, level="fail", detail=detail, hint=hint, subject=subject)


def skipped(id_: str, reason: str, subject: str | None = None) -> Finding:
    """Make a finding of a check that could not, or need not, be made."""
    return Finding(id=id_, level="skip", detail=reason, subject=subject)
