"""How the answers of create and refresh look."""

from collections.abc import Iterable, Iterator

from stctl.jsontypes import JsonObject
from stctl.render.sessions.pieces import (
    Asked,
    compact,
    facts_document,
    shown_token,
    token_document,
    unauthorised_document,
    unauthorised_note,
)
from stctl.render.sessions.times import moment
from stctl.render.view import (
    Block,
    Drawing,
    Facts,
    Gap,
    Line,
    Note,
    Presentation,
    bad,
    dim,
    line,
    name,
    strong,
)
from stctl.sessions.answers import (
    IssuedToken,
    NewTokens,
    ReuseSubtype,
    TokenTheftDetected,
    Unauthorised,
)
from stctl.tokens.times import relative_text

_MEANINGS: dict[ReuseSubtype, str] = {
    "RECENT_PREV": "the token before the current one, after its grace period",
    "ORPHANED_BRANCH": "a sibling of the current token, which another refresh has displaced",
    "STALE_LINEAGE": "a token that was replaced at least two refreshes ago",
}


def created(tokens: NewTokens, asked: Asked, *, reveal: bool) -> Presentation:
    """Present a session that was made."""
    return _new_tokens(tokens, asked, "Created", "stctl.sessions.create/1", reveal=reveal)


def refreshed(
    answer: NewTokens | Unauthorised | TokenTheftDetected, asked: Asked, *, reveal: bool
) -> Presentation:
    """Present what a refresh was answered."""
    schema = "stctl.sessions.refresh/1"
    if isinstance(answer, NewTokens):
        return _new_tokens(answer, asked, "Refreshed", schema, reveal=reveal)
    if isinstance(answer, Unauthorised):
        meaning = "the token is none of this core's, or its session has ended"
        return Presentation(
            schema=schema,
            view=lambda _: [unauthorised_note(answer, meaning), *_softened(answer)],
            document=lambda: {**asked.document(), **unauthorised_document(answer)},
        )
    return Presentation(
        schema=schema,
        view=lambda _: _theft(answer),
        document=lambda: {**asked.document(), **_theft_document(answer)},
        ids=lambda: [answer.session_handle],
    )


def _new_tokens(
    tokens: NewTokens, asked: Asked, done: str, schema: str, *, reveal: bool
) -> Presentation:
    return Presentation(
        schema=schema,
        view=lambda _: _tokens_view(tokens, asked, done, reveal=reveal),
        document=lambda: {**asked.document(), **_tokens_document(tokens)},
        ids=lambda: [tokens.session.handle],
    )


def _tokens_document(tokens: NewTokens) -> JsonObject:
    return {
        "status": "OK",
        "session": facts_document(tokens.session),
        "access_token": token_document(tokens.access_token),
        "refresh_token": token_document(tokens.refresh_token),
        "anti_csrf_token": tokens.anti_csrf_token,
        "id_refresh_token": token_document(tokens.id_refresh_token),
    }


def _tokens_view(tokens: NewTokens, asked: Asked, done: str, *, reveal: bool) -> Iterator[Block]:
    session = tokens.session
    yield Note(
        "good", line(f"{done} session ", name(session.handle), " of user ", strong(session.user_id))
    )
    rows: list[tuple[str, Line]] = []
    if session.recipe_user_id != session.user_id:
        rows.append(("recipe user", line(session.recipe_user_id)))
    rows.append(("tenant", line(session.tenant_id)))
    rows.append(("payload", line(compact(session.user_data_in_jwt))))
    yield Facts([*rows, *_token_rows(tokens, asked, reveal=reveal)])
    if reveal:
        yield from _revealed(tokens)
    else:
        yield Note("info", line(dim("Tokens in full: --reveal, or --json.")))


def _token_rows(tokens: NewTokens, asked: Asked, *, reveal: bool) -> Iterator[tuple[str, Line]]:
    for label, token in _labelled(tokens):
        yield (
            label,
            line(
                *(() if reveal else (shown_token(token.token, reveal=False), "  ")),
                f"expires {relative_text(token.expires_at_ms, asked.now_ms)}",
                dim(f", {moment(token.expires_at_ms)}"),
            ),
        )
    if tokens.anti_csrf_token is not None:
        yield "anti-CSRF token", line(shown_token(tokens.anti_csrf_token, reveal=reveal))


def _labelled(tokens: NewTokens) -> Iterator[tuple[str, IssuedToken]]:
    yield "access token", tokens.access_token
    yield "refresh token", tokens.refresh_token
    if tokens.id_refresh_token is not None:
        yield "id-refresh token", tokens.id_refresh_token


def _revealed(tokens: NewTokens) -> Iterator[Block]:
    """Yield each token alone on a line that is never broken, fit for copying."""
    for label, token in _labelled(tokens):
        yield Gap()
        yield Drawing([line(dim(label)), line(shown_token(token.token, reveal=True))])


def _softened(answer: Unauthorised) -> Iterator[Block]:
    if answer.reuse_subtype is not None:
        yield Facts(_subtype_row(answer.reuse_subtype))
        yield Note("warn", line(_ENDED_BY_CORE))


_ENDED_BY_CORE = "The core has ended this session itself; other sessions of the user go on."


def _subtype_row(subtype: ReuseSubtype) -> list[tuple[str, Line]]:
    return [("subtype", line(strong(subtype), f": {_MEANINGS[subtype]}"))]


def _theft(theft: TokenTheftDetected) -> Iterable[Block]:
    rows: list[tuple[str, Line]] = [
        ("session", line(name(theft.session_handle))),
        ("user", line(strong(theft.user_id))),
    ]
    if theft.recipe_user_id != theft.user_id:
        rows.append(("recipe user", line(theft.recipe_user_id)))
    if theft.reuse_subtype is not None:
        rows += _subtype_row(theft.reuse_subtype)
    yield Note(
        "bad",
        line(bad("TOKEN_THEFT_DETECTED"), ": this refresh token had already been replaced"),
    )
    yield Facts(rows)
    if theft.reuse_subtype is not None:
        yield Note("warn", line(_ENDED_BY_CORE))
        return
    yield Note(
        "warn",
        line(
            "The core has revoked nothing: up to CDI 5.5 that is left to the backend. End it with ",
            name(f"stctl sessions revoke --handle {theft.session_handle}"),
        ),
    )


def _theft_document(theft: TokenTheftDetected) -> JsonObject:
    return {
        "status": "TOKEN_THEFT_DETECTED",
        "session": {
            "handle": theft.session_handle,
            "user_id": theft.user_id,
            "recipe_user_id": theft.recipe_user_id,
        },
        "reuse_subtype": theft.reuse_subtype,
        "revoked_by_core": theft.reuse_subtype is not None,
    }
