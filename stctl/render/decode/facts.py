"""The labelled facts of one token, group by group."""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from stctl.render.decode.masking import Veil
from stctl.render.decode.words import Watch
from stctl.render.view import Line, bad, dim, good, line, name, warn
from stctl.tokens.access import PROTECTED_CLAIMS, AccessToken
from stctl.tokens.decoded import Decoded
from stctl.tokens.hashes import hash1
from stctl.tokens.keys import creation_of_key_ms, kind_of_key
from stctl.tokens.sizes import BROWSER_LIMIT_BYTES, CookieSize
from stctl.tokens.times import Validity, duration_text

Group: TypeAlias = Sequence[tuple[str, Line]]
_SHOWN_WEIGHTS = 3
_HALF_FULL = BROWSER_LIMIT_BYTES // 2


def groups(item: Decoded, veil: Veil, watch: Watch) -> Iterator[Group]:
    """The facts of a token in groups that belong together, the most telling first."""
    body = item.finding.body
    if isinstance(body, AccessToken):
        yield _session(body, veil)
        yield from times(item.validity, watch)
        yield key(body.kid, watch)
        yield _descent(body)
    else:
        from stctl.render.decode.other_facts import groups_of_other

        yield from groups_of_other(item, veil, watch)
    yield _form(item, veil)


def _session(token: AccessToken, veil: Veil) -> Group:
    protected = PROTECTED_CLAIMS[token.version]
    anti_csrf = token.anti_csrf_token
    is_same = token.user_id == token.recipe_user_id
    method = dim("the same") if is_same else name(token.recipe_user_id)
    tenant_claim = "tId" if "tId" in protected else "not named, so public"
    rows = [
        ("user", line(name(token.user_id), dim(f"  {'sub' if 'sub' in protected else 'userId'}"))),
        ("login method", line(method, dim("  rsub"))),
        ("tenant", line(name(token.tenant_id), dim(f"  {tenant_claim}"))),
        ("session", line(name(token.session_handle), dim("  sessionHandle"))),
        ("anti-CSRF", line(veil.secret(anti_csrf) if anti_csrf else dim("none"))),
    ]
    return [row for row in rows if row[0] != "login method" or "rsub" in protected]


def times(validity: Validity | None, watch: Watch) -> Iterator[Group]:
    """When it was issued and when it expires."""
    if validity is None:
        return
    rows: list[tuple[str, Line]] = []
    if validity.issued_at_ms is not None:
        rows.append(("issued", watch.moment(validity.issued_at_ms)))
    if validity.expires_at_ms is not None:
        rows.append(("expires", watch.moment(validity.expires_at_ms)))
    if validity.lifetime_ms is not None:
        rows.append(("lifetime", _lifetime(validity, validity.lifetime_ms)))
    yield rows


def _lifetime(validity: Validity, lifetime_ms: int) -> Line:
    told = duration_text(lifetime_ms)
    if not validity.has_default_lifetime:
        return line(told)
    return line(told, dim("  the default hour, less up to 5 % jitter: normal"))


def key(kid: str | None, watch: Watch) -> Group:
    """The key that signed it."""
    if kid is None:
        return [("key", line(dim("not named: every key of the core is tried")))]
    kind = kind_of_key(kid)
    made_ms = creation_of_key_ms(kid)
    if kind == "dynamic" and made_ms is not None:
        age = duration_text(watch.now_ms - made_ms)
        told = "dynamic, made in the future" if made_ms > watch.now_ms else f"dynamic, {age} old"
    else:
        told = "static, never rotates" if kind == "static" else "of no form that a core makes"
    return [("key", line(name(kid), dim(f"  {told}")))]


def _descent(token: AccessToken) -> Group:
    parent = token.parent_refresh_token_hash1
    none = dim("none: first of its session, or in use already, or CDI 5.6")
    return [
        *hashes(token.refresh_token_hash1),
        ("parent H1", line(none if parent is None else parent)),
    ]


def hashes(own: str) -> Group:
    """Both hashes of the refresh token, from the first."""
    return [("refresh H1", line(own)), ("in row H2", line(dim(hash1(own))))]


def _form(item: Decoded, veil: Veil) -> Group:
    rows: list[tuple[str, Line]] = []
    if item.size is not None:
        rows.append(("as a cookie", _size(item.size)))
        if item.size.heaviest and item.size.pair_bytes > _HALF_FULL:
            rows.append(("heaviest", _weights(item.size)))
    if item.finding.kind != "session-handle":
        rows.append(("token", line(dim(veil.secret(item.finding.text)))))
    return rows


def _size(size: CookieSize) -> Line:
    told = f"{size.pair_bytes:,} of {BROWSER_LIMIT_BYTES:,} bytes"
    match size.fit:
        case "fits":
            return line(told, dim("  "), good("fits"))
        case "at-risk":
            return line(told, dim("  "), warn(f"at risk: {size.whole_bytes:,} with attributes"))
        case "too-large":
            return line(told, dim("  "), bad("too large: browsers drop it; use header mode"))


def _weights(size: CookieSize) -> Line:
    weights = (f"{weight.claim} {weight.size_bytes:,}" for weight in size.heaviest[:_SHOWN_WEIGHTS])
    return line(", ".join(weights), dim("  bytes"))
