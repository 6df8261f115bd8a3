"""Pieces that several results about sessions share: the asker, JSON, tokens."""

import json
from dataclasses import dataclass

from stctl.jsontypes import JsonObject, JsonValue
from stctl.redact import mask, mask_text
from stctl.render.view import Line, Note, Span, bad, dim, line, strong
from stctl.sessions.answers import IssuedToken, SessionFacts, Unauthorised
from stctl.sessions.info import SessionInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who was asked, in which version, and when: every result begins with it."""

    target: str
    cdi: str
    now_ms: int

    def document(self) -> JsonObject:
        """Return it as the members `core` and `cdi`."""
        return {"core": self.target, "cdi": self.cdi}


def announcement(asked: Asked, doing: str) -> Note:
    """Say which core is about to be written to."""
    return Note("info", line(f"{doing} at ", strong(asked.target), dim(f", CDI {asked.cdi}")))


def compact(value: JsonValue | JsonObject) -> str:
    """JSON on one line for people, with what looks like a token masked."""
    return mask_text(json.dumps(value, ensure_ascii=False, separators=(", ", ": ")))


def shortened(text: str, width: int) -> str:
    """`text`, its end replaced by `…` where it is longer than `width`."""
    return text if len(text) <= width else f"{text[: width - 1]}…"


def pretty(value: JsonValue | JsonObject) -> list[str]:
    """JSON over several lines, whole and unmasked."""
    return json.dumps(value, ensure_ascii=False, indent=2).splitlines()


def shown_token(token: str, *, reveal: bool) -> Span:
    """A token, masked unless the person asked to see it."""
    return Span(token if reveal else mask(token), "secret")


def token_document(token: IssuedToken | None) -> JsonValue:
    """Return a token in full, for programs."""
    if token is None:
        return None
    return {
        "token": token.token,
        "created_at_ms": token.created_at_ms,
        "expires_at_ms": token.expires_at_ms,
    }


def facts_document(session: SessionFacts) -> JsonValue:
    """Return what an answer with tokens says of the session."""
    return {
        "handle": session.handle,
        "user_id": session.user_id,
        "recipe_user_id": session.recipe_user_id,
        "tenant_id": session.tenant_id,
        "payload": dict(session.user_data_in_jwt),
    }


def info_document(info: SessionInfo) -> dict[str, JsonValue]:
    """Return what a core knows of a session."""
    return {
        "handle": info.handle,
        "user_id": info.user_id,
        "recipe_user_id": info.recipe_user_id,
        "tenant_id": info.tenant_id,
        "created_at_ms": info.created_at_ms,
        "expires_at_ms": info.expires_at_ms,
        "payload": dict(info.user_data_in_jwt),
        "data": dict(info.user_data_in_database),
    }


def unauthorised_document(answer: Unauthorised) -> dict[str, JsonValue]:
    """Return an UNAUTHORISED."""
    return {
        "status": "UNAUTHORISED",
        "message": mask_text(answer.message),
        "reuse_subtype": answer.reuse_subtype,
    }


def unauthorised_note(answer: Unauthorised, meaning: str) -> Note:
    """Say UNAUTHORISED, what it means here, and the core's own words."""
    words: Line = line(dim(f" ({mask_text(answer.message)})")) if answer.message else ()
    return Note("bad", line(bad("UNAUTHORISED"), f": {meaning}", words))
