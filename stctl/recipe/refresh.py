"""The tree of the refresh API.

Source: SDKs, behaviour notes 1.6, 1.7 and 3, of the newest SDKs.
"""

from dataclasses import dataclass
from typing import Final

from stctl.exchange import Request
from stctl.recipe.config import AntiCsrf, AppConfig
from stctl.recipe.core_replies import CoreTrouble, RefreshReply
from stctl.recipe.failures import (
    ClearDuplicateSessionCookies,
    ErrorName,
    General,
    TokenTheftDetected,
    Unauthorised,
)
from stctl.recipe.questions import CoreRefresh
from stctl.recipe.response import (
    Change,
    attach_tokens,
    clear_cookie,
    clear_legacy_cookie,
    clear_place,
)
from stctl.recipe.situation import session_view
from stctl.recipe.step_end import Failed, Passed, StepEnd
from stctl.recipe.transfer import ACCESS_COOKIE, REFRESH_COOKIE, Place, Transfer, read_transfer
from stctl.recipe.trouble import failure_of
from stctl.recipe.walk import RuledOut, Saw, Tree, ask
from stctl.sessions import answers

_NEVER: Final = "a refresh never raises it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The refresh token that counts, and the place where it was found."""

    token: str
    place: Place


def refresh(request: Request, app: AppConfig) -> Tree[StepEnd]:
    """Walk what an SDK does with `POST <api base path>/session/refresh`."""
    transfer = read_transfer(request, app.profile)
    yield RuledOut(ErrorName.TRY_REFRESH_TOKEN, _NEVER)
    doubled = yield from _check_doubled(transfer, app)
    if doubled is not None:
        return doubled
    legacy = tuple(clear_legacy_cookie(app)) if transfer.has_legacy_cookie else ()
    chosen = yield from _choose(transfer, app)
    if chosen is None:
        return (yield from _without_token(transfer, app, legacy))
    guarded = chosen.place == "cookie" and app.anti_csrf_mode is AntiCsrf.VIA_CUSTOM_HEADER
    if guarded:
        yield Saw("rid", "does the request carry the header rid?", _yes(transfer.rid is not None))
    if guarded and transfer.rid is None:
        yield RuledOut(
            ErrorName.TOKEN_THEFT_DETECTED, "the core was not asked: the request came without rid"
        )
        return _unauthorised(app.profile.messages.no_rid_on_refresh)
    reply = yield from ask(
        CoreRefresh(
            refresh_token=chosen.token,
            anti_csrf_token=transfer.anti_csrf,
            enable_anti_csrf=chosen.place == "cookie" and app.anti_csrf_mode is AntiCsrf.VIA_TOKEN,
        )
    )
    return (yield from after_core(reply, chosen, transfer, app, legacy))


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _unauthorised(message: str, changes: tuple[Change, ...] = ()) -> Failed:
    return Failed(failure=Unauthorised(message=message, clear_tokens=True), changes=changes)


def _check_doubled(transfer: Transfer, app: AppConfig) -> Tree[Failed | None]:
    names = [name for name in (ACCESS_COOKIE, REFRESH_COOKIE) if name in transfer.doubled]
    if app.transfer_method == "header" or not names or not app.profile.counts_doubled:
        yield RuledOut(ErrorName.CLEAR_DUPLICATE_SESSION_COOKIES, "no session cookie came twice")
        return None
    yield Saw("doubled_cookies", "does a session cookie come more than once?", ", ".join(names))
    messages = app.profile.messages
    if app.older_cookie_domain is None:
        yield RuledOut(
            ErrorName.CLEAR_DUPLICATE_SESSION_COOKIES,
            "the app names no older cookie domain whose cookies could be cleared",
        )
        return Failed(failure=General(message=messages.duplicates_refused))
    cleared = tuple(clear_cookie(name, app, domain=app.older_cookie_domain) for name in names)
    failure = ClearDuplicateSessionCookies(message=messages.duplicates_cleared)
    return Failed(failure=failure, changes=cleared)


def _choose(transfer: Transfer, app: AppConfig) -> Tree[Chosen | None]:
    bearer = transfer.bearer
    if bearer == "" and not app.profile.empty_bearer_counts:
        bearer = None
    cookie = transfer.cookie(REFRESH_COOKIE)
    if bearer is not None and app.allows("header"):
        yield Saw("refresh_token", "where is the refresh token?", "in the Authorization header")
        return Chosen(token=bearer, place="header")
    if cookie and app.allows("cookie"):
        yield Saw("refresh_token", "where is the refresh token?", "in the cookie sRefreshToken")
        return Chosen(token=cookie, place="cookie")
    yield Saw("refresh_token", "where is the refresh token?", "there is none")
    return None


def _without_token(transfer: Transfer, app: AppConfig, legacy: tuple[Change, ...]) -> Tree[StepEnd]:
    yield RuledOut(
        ErrorName.TOKEN_THEFT_DETECTED,
        "there was no refresh token that could have been used before",
    )
    yield RuledOut(ErrorName.GENERAL_ERROR, "the core was not needed")
    has_access = app.allows("cookie") and transfer.cookie(ACCESS_COOKIE) is not None
    yield Saw("access_cookie", "is the cookie sAccessToken there?", _yes(has_access))
    messages = app.profile.messages
    if has_access and app.profile.knows_lost_refresh:
        return _unauthorised(messages.lost_refresh, legacy)
    clears = app.profile.refresh_without_token_clears
    failure = Unauthorised(message=messages.no_refresh_token, clear_tokens=clears)
    return Failed(failure=failure, changes=legacy)


def after_core(
    reply: RefreshReply,
    chosen: Chosen,
    transfer: Transfer,
    app: AppConfig,
    legacy: tuple[Change, ...],
) -> Tree[StepEnd]:
    """Do with the core's answer to refresh what an SDK does."""
    if isinstance(reply, CoreTrouble):
        yield RuledOut(ErrorName.UNAUTHORISED, "the core did not say that the session is gone")
        yield RuledOut(ErrorName.TOKEN_THEFT_DETECTED, "the core did not judge the refresh token")
        return Failed(failure=failure_of(reply, app))
    yield RuledOut(ErrorName.GENERAL_ERROR, "the core answered, with a status that the SDK knows")
    match reply:
        case answers.Unauthorised(message=message):
            yield RuledOut(ErrorName.TOKEN_THEFT_DETECTED, _why_no_theft(reply))
            return _unauthorised(message, legacy)
        case answers.TokenTheftDetected():
            yield RuledOut(
                ErrorName.UNAUTHORISED,
                "the core could read the refresh token and still had its session; what it found "
                "is that the token had been replaced",
            )
            return Failed(failure=_theft(reply, app), changes=legacy)
        case answers.NewTokens():
            return _refreshed(reply, chosen, transfer, app, legacy)


def _why_no_theft(reply: answers.Unauthorised) -> str:
    if reply.reuse_subtype is not None:
        return (
            f"the core did find the token replaced ({reply.reuse_subtype}), but its setting "
            "recent_token_reuse_behaviour reports this as UNAUTHORISED"
        )
    return (
        "the core did not find a replaced token of a living session: it cannot read the token, "
        "or the session is gone"
    )


def _theft(reply: answers.TokenTheftDetected, app: AppConfig) -> TokenTheftDetected:
    return TokenTheftDetected(
        message=app.profile.messages.theft,
        session_handle=reply.session_handle,
        user_id=reply.user_id,
        recipe_user_id=reply.recipe_user_id,
    )


def _refreshed(
    tokens: answers.NewTokens,
    chosen: Chosen,
    transfer: Transfer,
    app: AppConfig,
    legacy: tuple[Change, ...],
) -> Passed:
    fresh = attach_tokens(tokens, chosen.place, app)
    elsewhere = _clear_elsewhere(chosen.place, transfer, app)
    last = app.profile.clears_other_place_last
    changes = [*fresh, *elsewhere] if last else [*elsewhere, *fresh]
    facts = tokens.session
    session = session_view(facts, header_mode=chosen.place == "header")
    return Passed(session=session, changes=(*changes, *legacy))


def _clear_elsewhere(place: Place, transfer: Transfer, app: AppConfig) -> list[Change]:
    if place == "header":
        return clear_place("cookie", app) if transfer.cookie(REFRESH_COOKIE) else []
    return clear_place("header", app) if transfer.bearer else []
