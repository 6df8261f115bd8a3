"""How decode says things."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

from stctl.render.view import Line, Span, bad, dim, good, line, warn
from stctl.tokens.access import AccessToken
from stctl.tokens.decoded import Decoded
from stctl.tokens.times import duration_text, local_text, relative_text, utc_text

if TYPE_CHECKING:
    from stctl.tokens.signature import Signature

KINDS: Final = {
    "access-token": "Access token",
    "refresh-token": "Refresh token",
    "front-token": "Front token",
    "anti-csrf-token": "Anti-CSRF token",
    "id-refresh-token": "Id-refresh token",
    "session-handle": "Session handle",
    "core-jwt": "JWT signed by a core",
    "oauth2-token": "OAuth2 token of a core",
    "jwt": "JWT",
    "uuid": "UUID",
}


SIGNED: Final = frozenset({"access-token", "core-jwt", "oauth2-token", "jwt"})
"""The kinds that carry a signature."""


class Watch(NamedTuple):
    """What time it is, and how far local time is ahead of UTC at a moment in ms."""

    now_ms: int
    offset_at: Callable[[int], int]

    def moment(self, moment_ms: int) -> Line:
        """A moment in UTC, in local time where that differs, and relative to now."""
        utc = utc_text(moment_ms)
        if utc is None:
            return line(f"{moment_ms} ms", dim("  beyond every calendar"))
        shown = utc[:19].replace("T", " ") + " UTC"
        relative = dim(f"  {relative_text(moment_ms, self.now_ms)}")
        offset_s = self.offset_at(moment_ms)
        local = local_text(moment_ms, offset_s) if offset_s else None
        return line(shown, dim(f"  {local[11:]}") if local else "", relative)


def title(item: Decoded) -> str:
    """What kind of thing it is, with its version."""
    body = item.finding.body
    kind = KINDS[item.finding.kind]
    return f"{kind} V{body.version}" if isinstance(body, AccessToken) else kind


def verdict(item: Decoded) -> Line:
    """The answer in one line: can it be used, and can it be believed."""
    parts = [part for part in (_time_verdict(item), _findings(item), _trust(item)) if part]
    words: list[Span | str] = []
    for part in parts:
        if words:
            words.append(dim("  ·  "))
        words.extend(part)
    return line(*words)


def _time_verdict(item: Decoded) -> Line:
    validity = item.validity
    if validity is None:
        return _timeless(item)
    what = "the access token is " if item.finding.kind == "front-token" else ""
    expires, issued = validity.expires_at_ms, validity.issued_at_ms
    match validity.verdict:
        case "expired" if expires is not None:
            return line(bad(f"{what}expired {relative_text(expires, validity.now_ms)}"))
        case "not-yet-valid" if issued is not None:
            return line(warn(f"not yet valid: issued {relative_text(issued, validity.now_ms)}"))
        case "valid" if expires is not None:
            left = duration_text(expires - validity.now_ms)
            return line(good(f"{what}valid for {left}"))
        case _:
            return line(warn("never expires: it names no expiry"))


def _timeless(item: Decoded) -> Line:
    match item.finding.kind:
        case "refresh-token":
            return line("carries no expiry; only the core's row of the session knows it")
        case "session-handle":
            return line("the name of a session; not a secret, and no proof of anything")
        case "anti-csrf-token":
            return line("must equal the anti-CSRF value of the access token")
        case "id-refresh-token":
            return line("a marker of old SDKs; a core neither keeps nor checks it")
        case _:
            return line("a session handle, an anti-CSRF token or an id-refresh token")


def _trust(item: Decoded) -> Line:
    if item.finding.kind not in SIGNED:
        return ()
    if item.signature is None:
        return line(warn("UNVERIFIED"), dim("  --verify checks the signature"))
    return line(_signature(item.signature))


def _findings(item: Decoded) -> Line:
    """How much is odd, in the colour of the worst of it."""
    count = len(item.remarks)
    if not count:
        return ()
    told = f"{count} finding{'s' if count > 1 else ''} below"
    is_bad = any(remark.severity == "bad" for remark in item.remarks)
    return line(bad(told) if is_bad else warn(told))


def _signature(signature: "Signature") -> Span:
    match signature.verdict:
        case "holds":
            return good("signature holds")
        case "does-not-hold":
            return bad("signature does NOT hold")
        case "unknown-kid":
            return bad("signed with an UNKNOWN key")
        case "not-verifiable":
            return bad("signature cannot be verified")
