"""How what stands around a session looks, and what verifiers would say now."""

from collections.abc import Iterator

from stctl.cdi.standing import Standing
from stctl.jsontypes import JsonObject
from stctl.render.people.answers import joined, listed
from stctl.render.sessions.pieces import Asked
from stctl.render.sessions.times import moment
from stctl.render.view import Line, bad, dim, good, line
from stctl.sessions.info import SessionInfo
from stctl.tokens.times import duration_text

_ROTATION = (
    "as the caller of each refresh has it: up to CDI 5.5 a new token counts once it is used, from "
    "5.6 on at once; where a session stands a core does not tell"
)
"""A core gives away neither hashes nor rotation state. Source: core, behaviour notes 2.2."""


def standing_rows(around: Standing, info: SessionInfo, asked: Asked) -> Iterator[tuple[str, Line]]:
    """Yield who the user is, and the verdicts of verifiers on tokens of the session."""
    yield "account", _account(around)
    yield "roles", line(dim("not told")) if around.roles is None else joined(around.roles)
    until = moment(info.expires_at_ms)
    if _is_live(info, asked):
        yield (
            "verifier with database",
            line(good("accepted"), f": the session is live until {until}"),
        )
        yield "refresh", line(good("accepted"), f" until {until}, with its current refresh token")
    else:
        yield "verifier with database", line(bad("UNAUTHORISED"), ": its time is over")
        yield "refresh", line(bad("UNAUTHORISED"))
    yield "rotation", line(dim(_ROTATION))
    lasting = duration_text(around.token_validity.validity_ms)
    words = f"each access token by itself, for up to {lasting} after its issue"
    yield "verifier without", line(words)


def gone_words(validity_ms: int) -> str:
    """Return what verifiers say of tokens of a session that is gone."""
    lasting = duration_text(validity_ms)
    return (
        "A verifier that asks the database says UNAUTHORISED; one that does not may still accept "
        f"an access token issued within the last {lasting}."
    )


def standing_document(around: Standing, info: SessionInfo, asked: Asked) -> JsonObject:
    """Return the same as members of a document."""
    is_live = _is_live(info, asked)
    user = around.user
    return {
        "user_known": around.is_user_known,
        "emails": None if user is None else listed(user.emails),
        "roles": None if around.roles is None else listed(around.roles),
        "verifiers": {
            "with_database": "OK" if is_live else "UNAUTHORISED",
            "refresh": "OK" if is_live else "UNAUTHORISED",
            "without_database": "depends on the token",
            "access_token_validity_ms": around.token_validity.validity_ms,
        },
    }


def _is_live(info: SessionInfo, asked: Asked) -> bool:
    # At the very moment of its expiry a session is over. Source: core, behaviour notes 2.2.
    return info.expires_at_ms > asked.now_ms


def _account(around: Standing) -> Line:
    if around.user is not None:
        parties = [f"{one.provider}:{one.user_id}" for one in around.user.third_parties]
        return joined([*around.user.emails, *around.user.phone_numbers, *parties], "no address")
    if around.is_user_known is None:
        return line(dim("not told"))
    return line(dim("no user of this id: the session was made without one"))
