"""One access token before several verifiers: who says yes, who says no, and why they differ.

A look must not change what it looks at. Up to CDI 5.5 a verify promotes a session when it is shown
the first access token after a refresh, so that family is asked only where that cannot happen, or
where the caller allows it. Source: core, behaviour notes 2.3.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from stctl.cdi.client import CdiClient
from stctl.cdi.versions import family_of
from stctl.errors import StctlError
from stctl.jsontypes import JsonObject, JsonValue
from stctl.sessions.answers import TryRefreshToken, Unauthorised, Verified
from stctl.sessions.info import SessionInfo
from stctl.tokens.access import AccessToken

STATELESS_CDI = "5.6"
"""The first version whose verify never writes."""
Outcome = Literal["yes", "no", "not-asked", "failed"]
_SECOND_MS = 1000
_CLOSE_CALL_MS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one verifier said."""

    verifier: str
    outcome: Outcome
    status: str
    """`OK`, `TRY_REFRESH_TOKEN`, `UNAUTHORISED`, the code of an error, or empty."""
    reason: str = ""
    error: StctlError | None = None
    payload_update_available: bool | None = None
    replaces_token: bool = False
    """Whether the core handed out another access token, so that the session went on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What every verifier said of one token, and what explains it."""

    token: AccessToken
    now_ms: int
    verdicts: Sequence[Verdict]
    session: SessionInfo | Literal["gone", "unknown"]
    """`unknown` where the core was not or could not be asked."""
    notes: Sequence[str]

    @property
    def says_no(self) -> bool:
        """Whether any verifier that was asked says no."""
        return any(one.outcome == "no" for one in self.verdicts)

    @property
    def failures(self) -> Sequence[StctlError]:
        """Why verifiers could not answer."""
        return [one.error for one in self.verdicts if one.error is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreQuestion:
    """How a core is to be asked."""

    client: CdiClient
    cdi: str | None
    """The version that the caller asks for; None for one whose verify changes nothing."""
    may_promote: bool
    anti_csrf_token: str | None


def by_key_set(
    place: str, document: Callable[[], JsonValue | JsonObject], token: AccessToken, now_ms: int
) -> Verdict:
    """What a verifier says that has the key set and this machine's clock, as backend SDKs do."""
    from stctl.tokens.signature import KeySet, KeySetProblem

    try:
        signature = KeySet(document()).check(token)
    except StctlError as error:
        return _failed(place, error)
    except KeySetProblem as problem:
        return Verdict(
            verifier=place,
            outcome="failed",
            status="",
            reason=f"the key set is unusable: {problem}",
        )
    if signature.is_no:
        return _no(place, "TRY_REFRESH_TOKEN", signature.reason)
    # Libraries for JWTs count a token as expired at the very moment of its expiry; a core does not.
    if token.expires_at_ms <= now_ms:
        return _no(place, "TRY_REFRESH_TOKEN", "It has expired, by the clock of this machine.")
    return Verdict(verifier=place, outcome="yes", status="OK", reason=signature.reason)


def by_core(question: CoreQuestion, token: AccessToken) -> Iterator[Verdict]:
    """What the core says, without its database and with it."""
    try:
        cdi = question.cdi or _stateless_or_spoken(question.client)
    except StctlError as error:
        yield _failed("core", error)
        return
    asking = question.client.speaking(cdi)
    for check_database in (False, True):
        name = f"core, CDI {cdi}, {'with' if check_database else 'without'} database"
        refusal = _refusal(question, cdi, token)
        if refusal is not None:
            yield Verdict(verifier=name, outcome="not-asked", status="", reason=refusal)
        else:
            yield _ask(name, asking, question, token, check_database=check_database)


def _stateless_or_spoken(client: CdiClient) -> str:
    return STATELESS_CDI if STATELESS_CDI in client.api_versions() else client.cdi_version


def _refusal(question: CoreQuestion, cdi: str, token: AccessToken) -> str | None:
    """Why a verify might change the session; None where it may be asked."""
    if family_of(cdi) == "rotation" or question.may_promote:
        return None
    if token.parent_refresh_token_hash1 is None:
        return None
    return (
        f"At CDI {cdi} this question could make the refreshed token the session's current one. "
        "--may-promote asks it all the same."
    )


def _ask(
    name: str,
    client: CdiClient,
    question: CoreQuestion,
    token: AccessToken,
    *,
    check_database: bool,
) -> Verdict:
    wants_anti_csrf = question.anti_csrf_token is not None
    try:
        answer = client.verify_session(
            token.structure.text,
            anti_csrf_token=question.anti_csrf_token,
            do_anti_csrf_check=wants_anti_csrf,
            enable_anti_csrf=wants_anti_csrf,
            check_database=check_database,
        )
    except StctlError as error:
        return _failed(name, error)
    match answer:
        case Verified():
            return Verdict(
                verifier=name,
                outcome="yes",
                status="OK",
                payload_update_available=answer.payload_update_available,
                replaces_token=answer.access_token is not None,
            )
        case TryRefreshToken():
            return _no(name, "TRY_REFRESH_TOKEN", answer.message)
        case Unauthorised():
            return _no(name, "UNAUTHORISED", answer.message)


def _no(verifier: str, status: str, reason: str) -> Verdict:
    return Verdict(verifier=verifier, outcome="no", status=status, reason=reason)


def _failed(verifier: str, error: StctlError) -> Verdict:
    return Verdict(
        verifier=verifier,
        outcome="failed",
        status=error.kind.code,
        reason=error.detail,
        error=error,
    )


def session_behind(
    client: CdiClient, token: AccessToken
) -> SessionInfo | Literal["gone", "unknown"]:
    """What the core knows of the token's session; reading it changes nothing."""
    try:
        found = client.get_session(token.session_handle)
    except StctlError:
        return "unknown"
    return "gone" if isinstance(found, Unauthorised) else found


def explain(
    token: AccessToken,
    now_ms: int,
    verdicts: Sequence[Verdict],
    session: SessionInfo | Literal["gone", "unknown"],
) -> Iterator[str]:
    """Say why verifiers differ, and what else bears on the token."""
    local = [one for one in verdicts if not one.verifier.startswith("core")]
    bare = [one for one in verdicts if "without database" in one.verifier]
    full = [one for one in verdicts if "with database" in one.verifier]
    yield from _about_database(bare, full, session)
    yield from _about_keys(local, bare)
    yield from _about_time(token, now_ms, local, bare)
    if token.parent_refresh_token_hash1 is not None:
        yield (
            "The token comes from a refresh. A backend SDK asks the core about it, and up to CDI "
            "5.5 the answer replaces both tokens."
        )
    if any(one.payload_update_available for one in full):
        yield "The stored payload has changed since: the token carries the old one until a refresh."
    if any(one.replaces_token for one in verdicts):
        yield "The core handed out another access token in place of this one."


def _about_database(
    bare: Sequence[Verdict],
    full: Sequence[Verdict],
    session: SessionInfo | Literal["gone", "unknown"],
) -> Iterator[str]:
    if not (_say(bare, "yes") and _say(full, "no")):
        if session == "gone" and _say(full, "yes"):
            yield "The session's row has expired, and the core has not cleared it away yet."
        return
    if session == "gone":
        yield (
            "The session was ended. Who does not ask the database goes on accepting its access "
            "tokens until they expire."
        )
    elif session != "unknown":
        yield (
            "The session is there, but the token is of another branch: its refresh token was "
            "replaced twice, or by a refresh that won. The token holds until it expires where the "
            "database is not asked; a refresh with the current token helps."
        )


def _about_keys(local: Sequence[Verdict], bare: Sequence[Verdict]) -> Iterator[str]:
    if _say(local, "no") and _say(bare, "yes") and "key" in local[0].reason.lower():
        yield (
            "The core knows the key and the key set does not: the set is an old copy, or of "
            "another core or app."
        )
    if _say(local, "yes") and _say(bare, "no"):
        yield (
            "The key set accepts what the core refuses: is the key set that of this core, and do "
            "the two clocks agree?"
        )


def _about_time(
    token: AccessToken, now_ms: int, local: Sequence[Verdict], bare: Sequence[Verdict]
) -> Iterator[str]:
    left_ms = token.expires_at_ms - now_ms
    if abs(left_ms) <= _CLOSE_CALL_MS:
        yield (
            "The token expires at this very moment. A core still accepts it at the millisecond of "
            "its expiry, libraries for JWTs do not, and a clock decides."
        )
    elif _say(bare, "yes") and left_ms < 0:
        yield f"The core's clock is at least {-left_ms / _SECOND_MS:.0f} s behind this one."
    elif _say(bare, "no") and _say(local, "yes") and "expire" in bare[0].reason.lower():
        yield f"The core's clock is at least {left_ms / _SECOND_MS:.0f} s ahead of this one."
    if token.issued_at_ms > now_ms + _CLOSE_CALL_MS:
        ahead_s = (token.issued_at_ms - now_ms) / _SECOND_MS
        yield f"The token was issued {ahead_s:.0f} s in the future of this machine's clock."


def _say(verdicts: Sequence[Verdict], outcome: Outcome) -> bool:
    return bool(verdicts) and all(one.outcome == outcome for one in verdicts)
