"""The labelled facts of tokens that are no access tokens."""

from collections.abc import Iterator

from stctl.render.decode.facts import Group, hashes, key, times
from stctl.render.decode.masking import Veil
from stctl.render.decode.words import Watch
from stctl.render.view import bad, dim, line, name
from stctl.tokens.decoded import Decoded
from stctl.tokens.front import FrontToken
from stctl.tokens.opaque import OpaqueToken
from stctl.tokens.refresh import RefreshContents, RefreshToken
from stctl.tokens.signed import SignedToken


def groups_of_other(item: Decoded, veil: Veil, watch: Watch) -> Iterator[Group]:
    """The facts in groups that belong together, the most telling first."""
    body = item.finding.body
    match body:
        case RefreshToken():
            yield from _opened(item, veil)
            yield hashes(body.hash1)
            yield [("form", line(f"{body.type}, {len(body.sealed())} bytes encrypted"))]
        case FrontToken():
            yield [("user", line(name(body.user_id), dim("  uid")))]
            yield from times(item.validity, watch)
        case SignedToken():
            yield from times(item.validity, watch)
            yield key(body.kid, watch)
        case OpaqueToken():
            yield from _opaque(body, watch)
        case _:
            pass


def _opened(item: Decoded, veil: Veil) -> Iterator[Group]:
    if item.contents is not None:
        yield _contents(item.contents, veil)
    elif item.sealed_because is not None:
        yield [("contents", line(bad(f"cannot be opened: {item.sealed_because}")))]
    else:
        yield [("contents", line(dim("encrypted; --refresh-key opens them")))]


def _contents(inside: RefreshContents, veil: Veil) -> Group:
    parent = inside.parent_refresh_token_hash1
    first = dim("none: the first of its session")
    anti_csrf = inside.anti_csrf_token
    return [
        ("login method", line(name(inside.user_id), dim("  userId"))),
        ("tenant", line(name(inside.tenant_id))),
        ("session", line(name(inside.session_handle))),
        ("anti-CSRF", line(veil.secret(anti_csrf) if anti_csrf else dim("none"))),
        ("parent H1", line(first if parent is None else parent)),
    ]


def _opaque(token: OpaqueToken, watch: Watch) -> Iterator[Group]:
    if token.kind == "session-handle":
        yield [
            ("session", line(name(token.text))),
            ("tenant", line(name(token.tenant_id or "public"))),
        ]
    if token.expires_at_ms is not None:
        yield [("expires", watch.moment(token.expires_at_ms))]
