"""How the verdicts on an access token look."""

from collections.abc import Iterator
from typing import Final

from stctl.checks.verdicts import Outcome, Trial, Verdict
from stctl.jsontypes import JsonObject, JsonValue
from stctl.redact import mask_text
from stctl.render.sessions.times import moment, moment_in_words
from stctl.render.view import (
    Block,
    Facts,
    Gap,
    Heading,
    Line,
    Note,
    Presentation,
    Span,
    Table,
    bad,
    dim,
    good,
    line,
    name,
    strong,
    warn,
)
from stctl.tokens.times import duration_text

_WORDS: Final[dict[Outcome, Span]] = {
    "yes": good("yes"),
    "no": bad("no"),
    "failed": warn("cannot say"),
    "not-asked": dim("not asked"),
}


def presentation(trial: Trial) -> Presentation:
    """Present who says yes and who says no."""
    return Presentation(
        schema="stctl.verify/1",
        view=lambda _width: _view(trial),
        document=lambda: _document(trial),
        rows=lambda: map(_row, trial.verdicts),
        ids=lambda: [trial.token.session_handle],
    )


def _view(trial: Trial) -> Iterator[Block]:
    token = trial.token
    yield Heading(line(strong(f"Access token V{token.version} "), "of user ", name(token.user_id)))
    yield Facts(
        [
            ("session", line(name(token.session_handle), _standing(trial))),
            ("key", line(token.kid or dim("not named"))),
            ("expires", moment_in_words(token.expires_at_ms, trial.now_ms)),
            ("issued for", line(duration_text(token.expires_at_ms - token.issued_at_ms))),
        ]
    )
    yield Gap()
    yield Table(["VERIFIER", "SAYS", "STATUS", "WHY"], [[*_cells(one)] for one in trial.verdicts])
    yield Gap()
    for note in trial.notes:
        yield Note("info", line(note))


def _standing(trial: Trial) -> Line:
    if trial.session == "unknown":
        return line("")
    if trial.session == "gone":
        return line(bad("  ended, or expired"))
    return line(dim(f"  there, until {moment(trial.session.expires_at_ms)}"))


def _cells(one: Verdict) -> tuple[Line, Line, Line, Line]:
    return (
        line(one.verifier),
        line(_WORDS[one.outcome]),
        line(one.status),
        line(dim(mask_text(one.reason))),
    )


def _document(trial: Trial) -> JsonObject:
    token = trial.token
    return {
        "token": {
            "version": token.version,
            "kid": token.kid,
            "user_id": token.user_id,
            "session_handle": token.session_handle,
            "issued_at_ms": token.issued_at_ms,
            "expires_at_ms": token.expires_at_ms,
            "comes_from_refresh": token.parent_refresh_token_hash1 is not None,
        },
        "now_ms": trial.now_ms,
        "session": trial.session if isinstance(trial.session, str) else "there",
        "verdicts": [_row(one) for one in trial.verdicts],
        "notes": [*trial.notes],
    }


def _row(one: Verdict) -> dict[str, JsonValue]:
    return {
        "verifier": one.verifier,
        "outcome": one.outcome,
        "status": one.status,
        "reason": mask_text(one.reason),
        "payload_update_available": one.payload_update_available,
        "replaces_token": one.replaces_token,
    }
