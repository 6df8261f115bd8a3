"""The tree of getSession / verifySession.

Source: SDKs, behaviour notes 2.1 to 2.4, of the newest SDKs.
"""

from dataclasses import dataclass
from typing import Final

from stctl.exchange import Request
from stctl.recipe.config import AntiCsrf, AppConfig, VerifyOptions
from stctl.recipe.core_replies import CoreTrouble, VerifyReply
from stctl.recipe.failures import (
    ErrorName,
    Failure,
    General,
    InvalidClaims,
    TryRefreshToken,
    Unauthorised,
)
from stctl.recipe.questions import Claims, CoreVerify, Now, ReadAccessToken, Signature
from stctl.recipe.reading import SessionToken
from stctl.recipe.response import attach_access_token
from stctl.recipe.situation import SessionView, SignatureVerdict, session_view
from stctl.recipe.step_end import Failed, Passed, StepEnd
from stctl.recipe.transfer import ACCESS_COOKIE, Place, Transfer, read_transfer
from stctl.recipe.trouble import failure_of
from stctl.recipe.walk import RuledOut, Saw, Tree, ask
from stctl.sessions import answers

_FIRST_WITH_KEY_KIND: Final = 3
NOT_ASKED: Final = (
    "an access token of a session came along, and the core was not asked whether that session "
    "still exists"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The access token that counts, and the place where it was found."""

    token: SessionToken
    place: Place


def verify(
    request: Request, options: VerifyOptions, app: AppConfig, *, with_claims: bool = True
) -> Tree[StepEnd]:
    """Walk what an SDK does before the route of a protected path may run."""
    transfer = read_transfer(request, app.profile)
    if transfer.has_legacy_cookie:
        yield Saw("legacy_cookie", "is the cookie sIdRefreshToken there?", "yes")
        yield RuledOut(
            ErrorName.UNAUTHORISED,
            "the cookie of an old session came along, before any token was looked at",
        )
        return _try_refresh(app.profile.messages.legacy_cookie)
    chosen = yield from _choose(transfer, app)
    guarded = _needs_anti_csrf(request, options, chosen)
    early = yield from _check_before_token(transfer, chosen, app, guarded=guarded)
    if early is not None:
        yield RuledOut(ErrorName.UNAUTHORISED, NOT_ASKED)
        return Failed(failure=early)
    if chosen is None:
        return (yield from _without_token(options, app))
    failure = yield from _check_locally(chosen, transfer, app, guarded=guarded)
    if failure is not None:
        yield RuledOut(ErrorName.UNAUTHORISED, NOT_ASKED)
        return Failed(failure=failure)
    checked = yield from _check_with_core(chosen, transfer, options, app, guarded=guarded)
    if isinstance(checked, Failed) or not with_claims:
        return checked
    return (yield from _check_claims(checked, app))


def _try_refresh(message: str) -> Failed:
    return Failed(failure=TryRefreshToken(message=message))


def _choose(transfer: Transfer, app: AppConfig) -> Tree[Chosen | None]:
    header = yield from _read("header", transfer.bearer, app)
    cookie = yield from _read("cookie", transfer.cookie(ACCESS_COOKIE), app)
    if header is not None and app.allows("header"):
        return header
    if cookie is not None and app.allows("cookie"):
        return cookie
    return None


def _read(place: Place, text: str | None, app: AppConfig) -> Tree[Chosen | None]:
    where = "the Authorization header" if place == "header" else "the cookie sAccessToken"
    if text is None:
        yield Saw(f"{place}_token", f"is there an access token in {where}?", "no")
        return None
    token = yield from ask(ReadAccessToken(text, where, app.profile))
    return Chosen(token=token, place=place) if token is not None else None


def _needs_anti_csrf(request: Request, options: VerifyOptions, chosen: Chosen | None) -> bool:
    if chosen is None or chosen.place == "header":
        return False
    wanted = options.anti_csrf_check
    return request.method.upper() != "GET" if wanted is None else wanted


def _check_before_token(
    transfer: Transfer, chosen: Chosen | None, app: AppConfig, *, guarded: bool
) -> Tree[Failure | None]:
    messages = app.profile.messages
    if _is_doubled(chosen, transfer, app):
        yield Saw("doubled_cookie", "does sAccessToken come more than once?", "yes")
        return TryRefreshToken(message=messages.doubled_access_token)
    if guarded and app.anti_csrf_mode is AntiCsrf.VIA_CUSTOM_HEADER:
        answer = "no" if transfer.rid is None else "yes"
        yield Saw("rid", "does the request carry the header rid?", answer)
        if transfer.rid is None:
            return TryRefreshToken(message=messages.no_rid_on_call)
    return None


def _is_doubled(chosen: Chosen | None, transfer: Transfer, app: AppConfig) -> bool:
    if chosen is None or chosen.place == "header" or not app.profile.counts_doubled:
        return False
    return ACCESS_COOKIE in transfer.doubled


def _without_token(options: VerifyOptions, app: AppConfig) -> Tree[StepEnd]:
    yield RuledOut(
        ErrorName.TRY_REFRESH_TOKEN,
        "there is no readable access token that could be out of date; with none, the SDK says "
        "that there is no session",
    )
    required = "yes" if options.session_required else "no"
    yield Saw("session_required", "does the route need a session?", required)
    if not options.session_required:
        return Passed(session=None)
    return Failed(failure=Unauthorised(message=app.profile.messages.no_session, clear_tokens=False))


def _check_locally(
    chosen: Chosen, transfer: Transfer, app: AppConfig, *, guarded: bool
) -> Tree[Failure | None]:
    token, messages = chosen.token, app.profile.messages
    failure = yield from check_signature(token, app)
    if failure is not None:
        return failure
    if token.version >= _FIRST_WITH_KEY_KIND and token.is_dynamic != app.dynamic_signing_key:
        kind = "dynamic" if token.is_dynamic else "static"
        yield Saw("key_kind", "is it signed with the kind of key that the app uses?", f"no, {kind}")
        return TryRefreshToken(message=messages.wrong_key_kind)
    if guarded and app.anti_csrf_mode is AntiCsrf.VIA_TOKEN:
        return (yield from check_anti_csrf(token, transfer, app))
    return None


def check_signature(token: SessionToken, app: AppConfig) -> Tree[Failure | None]:
    """Check the signature, then the times."""
    messages = app.profile.messages
    verdict = yield from ask(Signature(token))
    match verdict:
        case SignatureVerdict.WRONG:
            return TryRefreshToken(message=messages.wrong_signature)
        case SignatureVerdict.UNKNOWN_KEY:
            return TryRefreshToken(message=messages.unknown_key)
        case SignatureVerdict.KEYS_UNREACHABLE if app.profile.unreachable_keys_are_general:
            return General(message=messages.keys_unreachable)
        case SignatureVerdict.KEYS_UNREACHABLE:
            return TryRefreshToken(message=messages.keys_unreachable)
        case SignatureVerdict.HOLDS:
            return (yield from _check_times(token, app))


def _check_times(token: SessionToken, app: AppConfig) -> Tree[Failure | None]:
    """Check times by the SDKs' JWT libraries: a token has expired at its `exp` already.

    A core still takes it in that very instant.
    """
    messages = app.profile.messages
    now_ms = yield from ask(Now(token.expires_at_ms))
    if now_ms >= token.expires_at_ms:
        return TryRefreshToken(message=messages.expired)
    if app.profile.refuses_future_tokens and token.created_at_ms > now_ms:
        return TryRefreshToken(message=messages.not_yet)
    if app.profile.refuses_audience and "aud" in token.payload:
        return TryRefreshToken(message=messages.audience)
    return None


def check_anti_csrf(
    token: SessionToken, transfer: Transfer, app: AppConfig
) -> Tree[Failure | None]:
    """Compare the header with the value in the token."""
    given = transfer.anti_csrf
    fits = given is not None and given == token.anti_csrf_token
    answer = "yes" if fits else "no, it differs" if given is not None else "no, it is missing"
    yield Saw("anti_csrf", "does the header anti-csrf equal the value in the token?", answer)
    if fits:
        return None
    messages = app.profile.messages
    message = messages.anti_csrf_missing if given is None else messages.anti_csrf_wrong
    return TryRefreshToken(message=message)


def _check_with_core(
    chosen: Chosen, transfer: Transfer, options: VerifyOptions, app: AppConfig, *, guarded: bool
) -> Tree[Passed | Failed]:
    token = chosen.token
    if not options.check_database and token.parent_refresh_token_hash1 is None:
        yield Saw("core_needed", "must the core be asked?", "no: the token itself says enough")
        yield RuledOut(ErrorName.GENERAL_ERROR, "the core was not needed")
        return Passed(session=view_of(chosen))
    enabled = app.anti_csrf_mode is AntiCsrf.VIA_TOKEN
    reply = yield from ask(
        CoreVerify(
            access_token=token.text,
            anti_csrf_token=transfer.anti_csrf,
            do_anti_csrf_check=guarded and enabled,
            enable_anti_csrf=enabled,
            check_database=options.check_database,
        )
    )
    return (yield from after_core(reply, chosen, app))


def after_core(reply: VerifyReply, chosen: Chosen, app: AppConfig) -> Tree[Passed | Failed]:
    """Do with the core's answer to verify what an SDK does."""
    if isinstance(reply, CoreTrouble):
        yield RuledOut(ErrorName.UNAUTHORISED, "the core did not say that the session is gone")
        yield RuledOut(ErrorName.TRY_REFRESH_TOKEN, "the token itself passed every local check")
        return Failed(failure=failure_of(reply, app))
    yield RuledOut(ErrorName.GENERAL_ERROR, "the core answered, with a status that the SDK knows")
    match reply:
        case answers.Unauthorised(message=message):
            yield RuledOut(
                ErrorName.TRY_REFRESH_TOKEN,
                "the token itself passed every local check, and the core says that the session "
                "behind it is gone: a refresh cannot help",
            )
            return Failed(failure=Unauthorised(message=message, clear_tokens=True))
        case answers.TryRefreshToken(message=message):
            yield RuledOut(ErrorName.UNAUTHORISED, "the core refused the token, not the session")
            return Failed(failure=TryRefreshToken(message=message))
        case answers.Verified(session=facts, access_token=fresh):
            session = session_view(facts, header_mode=chosen.place == "header")
            if fresh is None:
                return Passed(session=session)
            changes = attach_access_token(fresh, facts.user_id, chosen.place, app)
            return Passed(session=session, changes=tuple(changes))


def _check_claims(checked: Passed, app: AppConfig) -> Tree[StepEnd]:
    if checked.session is None:
        return checked
    failing = yield from ask(Claims(checked.session))
    if not failing:
        return checked
    message = app.profile.messages.invalid_claims
    return Failed(failure=InvalidClaims(message=message, errors=failing), changes=checked.changes)


def view_of(chosen: Chosen) -> SessionView:
    """The session as the access token itself describes it."""
    token = chosen.token
    return SessionView(
        handle=token.session_handle,
        user_id=token.user_id,
        recipe_user_id=token.recipe_user_id,
        tenant_id=token.tenant_id,
        payload=token.payload,
        header_mode=chosen.place == "header",
    )
