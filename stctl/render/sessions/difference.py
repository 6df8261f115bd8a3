"""How an access token and the row of its session look side by side."""

from collections.abc import Iterator, Sequence

from stctl.jsontypes import JsonObject, JsonValue
from stctl.render.sessions.pieces import Asked, compact, unauthorised_document, unauthorised_note
from stctl.render.sessions.times import moment_in_words
from stctl.render.view import (
    Block,
    Facts,
    Gap,
    Line,
    Note,
    Presentation,
    Table,
    bad,
    dim,
    good,
    line,
    name,
    warn,
)
from stctl.render.wording import count_of
from stctl.sessions.answers import Unauthorised
from stctl.sessions.comparison import Difference, differences, lineage_of
from stctl.sessions.info import SessionInfo
from stctl.tokens.access import AccessToken

SCHEMA = "stctl.sessions.diff/1"
_HASH_SHOWN = 12


def difference(
    token: AccessToken, answer: SessionInfo | Unauthorised, asked: Asked
) -> Presentation:
    """Present a token against its row. The signature was not looked at."""
    if isinstance(answer, Unauthorised):
        return _gone(token, answer, asked)
    found = differences(token, answer)
    return Presentation(
        schema=SCHEMA,
        view=lambda _: _view(token, answer, found, asked),
        document=lambda: _document(token, answer, found, asked),
        rows=lambda: map(_difference_document, found),
        ids=lambda: [one.path for one in found],
    )


def _gone(token: AccessToken, answer: Unauthorised, asked: Asked) -> Presentation:
    meaning = f"session {token.session_handle} of this token is gone"
    return Presentation(
        schema=SCHEMA,
        view=lambda _: [
            unauthorised_note(answer, meaning),
            Facts(
                [
                    ("token", _token_time(token, asked)),
                    ("verifier without database", _blind(token, asked)),
                ]
            ),
        ],
        document=lambda: {
            **asked.document(),
            **unauthorised_document(answer),
            "handle": token.session_handle,
            "token": _token_document(token, asked),
        },
    )


def _view(
    token: AccessToken, info: SessionInfo, found: Sequence[Difference], asked: Asked
) -> Iterator[Block]:
    if found:
        count = count_of(len(found), "difference")
        yield Note(
            "warn", line(warn(count), " between token and row of session ", name(info.handle))
        )
        yield Table(["MEMBER", "TOKEN", "ROW"], [_row(one) for one in found])
    else:
        yield Note("good", line("Token and row of session ", name(info.handle), " say the same"))
    yield Gap()
    yield Facts(list(_facts(token, info, asked)), indent=0)


def _facts(token: AccessToken, info: SessionInfo, asked: Asked) -> Iterator[tuple[str, Line]]:
    yield "token", _token_time(token, asked)
    yield "session", line("expires ", moment_in_words(info.expires_at_ms, asked.now_ms))
    yield "verifier without database", _blind(token, asked)
    yield "lineage", line(_lineage(token))
    yield "refresh token", line(dim(f"hash {token.refresh_token_hash1[:_HASH_SHOWN]}…"))


def _token_time(token: AccessToken, asked: Asked) -> Line:
    verb = "expired " if _is_expired(token, asked) else "expires "
    return line(verb, moment_in_words(token.expires_at_ms, asked.now_ms))


def _blind(token: AccessToken, asked: Asked) -> Line:
    if _is_expired(token, asked):
        return line(bad("TRY_REFRESH_TOKEN"), ": the token has expired")
    return line(good("accepted"), ", if its signature holds; the payload is the token's")


def _is_expired(token: AccessToken, asked: Asked) -> bool:
    # At the very moment of its expiry a token is valid. Source: core, behaviour notes 2.3.
    return token.expires_at_ms < asked.now_ms


def _lineage(token: AccessToken) -> str:
    lineage = lineage_of(token)
    if lineage.parent_hash1 is not None:
        parent = lineage.parent_hash1[:_HASH_SHOWN]
        return (
            f"came from a refresh of the token with hash {parent}…, and names it still: using it "
            "makes its refresh token the current one"
        )
    return (
        "names no parent: from the beginning of the session, from a use that made its refresh "
        "token current, or from CDI 5.6; whether that is current now a core does not tell"
    )


def _row(one: Difference) -> list[Line]:
    ours = line(dim("absent")) if one.kind == "only_in_row" else line(compact(one.token))
    theirs = line(dim("absent")) if one.kind == "only_in_token" else line(compact(one.row))
    return [line(name(one.path)), ours, theirs]


def _document(
    token: AccessToken, info: SessionInfo, found: Sequence[Difference], asked: Asked
) -> JsonObject:
    return {
        **asked.document(),
        "status": "OK",
        "handle": info.handle,
        "same": not found,
        "differences": [_difference_document(one) for one in found],
        "token": _token_document(token, asked),
        "session": {
            "created_at_ms": info.created_at_ms,
            "expires_at_ms": info.expires_at_ms,
        },
    }


def _token_document(token: AccessToken, asked: Asked) -> JsonValue:
    return {
        "version": token.version,
        "issued_at_ms": token.issued_at_ms,
        "expires_at_ms": token.expires_at_ms,
        "expired": _is_expired(token, asked),
        "refresh_token_hash1": token.refresh_token_hash1,
        "parent_refresh_token_hash1": token.parent_refresh_token_hash1,
    }


def _difference_document(one: Difference) -> dict[str, JsonValue]:
    return {"member": one.path, "kind": one.kind, "token": one.token, "row": one.row}
