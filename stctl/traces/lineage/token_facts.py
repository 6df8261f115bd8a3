"""What a trace's tokens say of their descent, without the tokens themselves."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from stctl.exchange import Pairs, Response, first_value
from stctl.jsontypes import JsonObject, JsonValue
from stctl.recipe.handed_out import handed_out
from stctl.recipe.profiles.newest import NODE
from stctl.recipe.reading import read_session_token
from stctl.recipe.transfer import FRONT_TOKEN_HEADER
from stctl.tokens.front import REMOVED, read_front_token
from stctl.tokens.hashes import hash1
from stctl.tokens.problem import TokenProblem
from stctl.tokens.refresh import read_refresh_token

_SECOND_MS: Final = 1000


class AccessFacts(NamedTuple):
    """What an access token says; times in milliseconds since the epoch."""

    hash: str | None
    """SHA-256 of its text; None where only a front token tells of it."""
    generation: str
    """H1 of its refresh token."""
    parent: str | None
    """H1 of that one's parent, where it is named."""
    handle: str | None
    user_id: str | None
    minted_at_ms: int
    expires_at_ms: int
    text: str = ""
    """The token itself, for whoever has to ask about it; nobody keeps it for the family."""


def access_facts(text: str) -> AccessFacts | None:
    """What a text says as an access token; None for anything else."""
    token = read_session_token(text, NODE) if text.count(".") == 2 else None  # noqa: PLR2004 - three parts
    if token is None:
        return None
    return AccessFacts(
        hash=hash1(text),
        generation=token.refresh_token_hash1,
        parent=token.parent_refresh_token_hash1,
        handle=token.session_handle,
        user_id=token.user_id,
        minted_at_ms=token.created_at_ms,
        expires_at_ms=token.expires_at_ms,
        text=text,
    )


def front_facts(text: str) -> AccessFacts | None:
    """What a front token says of its access token; None where it says nothing of its descent.

    From token version 3 on it holds the whole payload.
    """
    if not text or text == REMOVED:
        return None
    try:
        front = read_front_token(text)
    except TokenProblem:
        return None
    generation = member_text(front.payload, "refreshTokenHash1")
    if not generation:
        return None
    minted = front.payload.get("iat")
    return AccessFacts(
        hash=None,
        generation=generation,
        parent=member_text(front.payload, "parentRefreshTokenHash1") or None,
        handle=member_text(front.payload, "sessionHandle") or None,
        user_id=front.user_id,
        minted_at_ms=minted * _SECOND_MS if isinstance(minted, int) else 0,
        expires_at_ms=front.access_token_expires_at_ms,
    )


def is_refresh_token(text: str) -> bool:
    """Whether a text has the form of a refresh token."""
    try:
        read_refresh_token(text)
    except TokenProblem:
        return False
    return True


def given_refresh(answers: Sequence[JsonObject], response: Response | None) -> str | None:
    """Hash of the refresh token that a core's answers, or a backend's, hand out."""
    texts = [_token_in(answer, "refreshToken") for answer in answers]
    texts.extend(handed_out(_headers(response)).refresh)
    token = next((text for text in texts if is_refresh_token(text)), None)
    return None if token is None else hash1(token)


def given_access(
    answers: Sequence[JsonObject], response: Response | None
) -> tuple[AccessFacts, ...]:
    """The access tokens that answers hand out, each once."""
    texts = [_token_in(answer, "accessToken") for answer in answers]
    texts.extend(handed_out(_headers(response)).access)
    facts = [one for one in map(access_facts, dict.fromkeys(texts)) if one is not None]
    told = front_facts(first_value(_headers(response), FRONT_TOKEN_HEADER) or "")
    if told is not None and all(told.generation != one.generation for one in facts):
        facts.append(told)
    return tuple(facts)


def member_text(members: JsonObject, name: str) -> str:
    """The text of a member; empty where there is none."""
    value: JsonValue = members.get(name)
    return value if isinstance(value, str) else ""


def _token_in(answer: JsonObject, name: str) -> str:
    token = answer.get(name)
    return member_text(token, "token") if isinstance(token, dict) else ""


def _headers(response: Response | None) -> Pairs:
    return response.headers if response is not None else ()
