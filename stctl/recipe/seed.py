"""The trees of the seed era: a cookie says whether there is a session at all.

Source: SDKs, behaviour notes 2.6, 3 and 7; seen from supertokens-node 3 to 12, supertokens-python
up to 0.11 and supertokens-golang up to 0.9.
"""

from stctl.exchange import Request
from stctl.recipe.config import AntiCsrf, AppConfig, VerifyOptions
from stctl.recipe.core_replies import CoreTrouble, Removed
from stctl.recipe.failures import ErrorName, Failure, TryRefreshToken, Unauthorised
from stctl.recipe.profiles.seed_rules import SeedRules
from stctl.recipe.questions import CoreRefresh, CoreRemove, CoreVerify, ReadAccessToken
from stctl.recipe.refresh import Chosen as ChosenRefresh
from stctl.recipe.refresh import after_core as after_refresh
from stctl.recipe.response import Change, clear_place
from stctl.recipe.step_end import Failed, Passed, StepEnd
from stctl.recipe.transfer import (
    ACCESS_COOKIE,
    LEGACY_COOKIE,
    REFRESH_COOKIE,
    Transfer,
    read_transfer,
)
from stctl.recipe.trouble import failure_of
from stctl.recipe.verify import (
    NOT_ASKED,
    Chosen,
    after_core,
    check_anti_csrf,
    check_signature,
    view_of,
)
from stctl.recipe.walk import RuledOut, Saw, Tree, ask


def verify(
    request: Request, options: VerifyOptions, app: AppConfig, rules: SeedRules
) -> Tree[StepEnd]:
    """Walk getSession of the seed era."""
    transfer = read_transfer(request, app.profile)
    marked = yield from _is_marked(transfer)
    if not marked:
        return (yield from _without_session(options, rules))
    if not transfer.cookie(ACCESS_COOKIE):
        return (yield from _without_token(rules))
    return (yield from _with_token(request, transfer, options, app, rules))


def _with_token(
    request: Request,
    transfer: Transfer,
    options: VerifyOptions,
    app: AppConfig,
    rules: SeedRules,
) -> Tree[StepEnd]:
    text = transfer.cookie(ACCESS_COOKIE) or ""
    guarded = request.method.upper() != "GET"
    if options.anti_csrf_check is not None:
        guarded = options.anti_csrf_check
    token = yield from ask(ReadAccessToken(text, "the cookie sAccessToken", app.profile))
    if token is None:
        return (yield from _doubtful(text, None, transfer, app, rules, guarded=guarded))
    chosen = Chosen(token=token, place="cookie")
    failure = yield from _check(chosen, transfer, app, guarded=guarded)
    if failure is None:
        return (yield from _trusted(chosen, transfer, options, app, guarded=guarded))
    yield RuledOut(ErrorName.UNAUTHORISED, NOT_ASKED)
    if _is_final(failure, app):
        return Failed(failure=failure)
    return (yield from _doubtful(text, chosen, transfer, app, rules, guarded=guarded))


def _trusted(
    chosen: Chosen,
    transfer: Transfer,
    options: VerifyOptions,
    app: AppConfig,
    *,
    guarded: bool,
) -> Tree[StepEnd]:
    token = chosen.token
    if not options.check_database and token.parent_refresh_token_hash1 is None:
        yield Saw("core_needed", "must the core be asked?", "no: the token itself says enough")
        yield RuledOut(ErrorName.GENERAL_ERROR, "the core was not needed")
        return Passed(session=view_of(chosen))
    reply = yield from ask(_question(token.text, transfer, app, guarded=guarded))
    return (yield from after_core(reply, chosen, app))


def _is_marked(transfer: Transfer) -> Tree[bool]:
    marked = bool(transfer.cookie(LEGACY_COOKIE))
    answer = "yes" if marked else "no"
    yield Saw("id_refresh_cookie", "is the cookie sIdRefreshToken there?", answer)
    return marked


def _without_token(rules: SeedRules) -> Tree[StepEnd]:
    yield Saw("cookie_token", "is there an access token in the cookie sAccessToken?", "no")
    yield RuledOut(ErrorName.UNAUTHORISED, "the cookie sIdRefreshToken says there is a session")
    return Failed(failure=TryRefreshToken(message=rules.token_gone))


def _without_session(options: VerifyOptions, rules: SeedRules) -> Tree[StepEnd]:
    yield RuledOut(
        ErrorName.TRY_REFRESH_TOKEN,
        "without the cookie sIdRefreshToken there is no session that a refresh could help",
    )
    required = "yes" if options.session_required else "no"
    yield Saw("session_required", "does the route need a session?", required)
    if not options.session_required:
        return Passed(session=None)
    return Failed(failure=Unauthorised(message=rules.no_session, clear_tokens=False))


def _check(
    chosen: Chosen, transfer: Transfer, app: AppConfig, *, guarded: bool
) -> Tree[Failure | None]:
    failure = yield from check_signature(chosen.token, app)
    if failure is not None or not guarded:
        return failure
    if app.anti_csrf_mode is AntiCsrf.VIA_TOKEN:
        return (yield from check_anti_csrf(chosen.token, transfer, app))
    if app.anti_csrf_mode is AntiCsrf.VIA_CUSTOM_HEADER:
        answer = "no" if transfer.rid is None else "yes"
        yield Saw("rid", "does the request carry the header rid?", answer)
        if transfer.rid is None:
            return TryRefreshToken(message=app.profile.messages.no_rid_on_call)
    return None


def _is_final(failure: Failure, app: AppConfig) -> bool:
    """A missing `rid` is not a thing that the core could judge."""
    return failure.message == app.profile.messages.no_rid_on_call


def _doubtful(
    text: str,
    chosen: Chosen | None,
    transfer: Transfer,
    app: AppConfig,
    rules: SeedRules,
    *,
    guarded: bool,
) -> Tree[StepEnd]:
    """What fails locally goes to the core in the oldest SDKs, and to the browser in the others."""
    yield Saw(
        "second_opinion",
        "does this version ask the core about a token that it does not trust?",
        "yes" if rules.core_judges_doubts else "no",
    )
    refused = Failed(failure=TryRefreshToken(message=app.profile.messages.wrong_signature))
    if not rules.core_judges_doubts:
        return refused
    reply = yield from ask(_question(text, transfer, app, guarded=guarded))
    if chosen is not None:
        return (yield from after_core(reply, chosen, app))
    return Failed(failure=failure_of(reply, app)) if isinstance(reply, CoreTrouble) else refused


def _question(text: str, transfer: Transfer, app: AppConfig, *, guarded: bool) -> CoreVerify:
    enabled = app.anti_csrf_mode is AntiCsrf.VIA_TOKEN
    return CoreVerify(
        access_token=text,
        anti_csrf_token=transfer.anti_csrf,
        do_anti_csrf_check=guarded and enabled,
        enable_anti_csrf=enabled,
        check_database=False,
    )


def refresh(request: Request, app: AppConfig, rules: SeedRules) -> Tree[StepEnd]:
    """Walk the refresh API of the seed era."""
    transfer = read_transfer(request, app.profile)
    yield RuledOut(ErrorName.TRY_REFRESH_TOKEN, "a refresh never raises it")
    marked = yield from _is_marked(transfer)
    if not marked:
        return _unauthorised(rules.no_session, clears=False)
    text = transfer.cookie(REFRESH_COOKIE)
    if not text:
        yield Saw("refresh_token", "where is the refresh token?", "there is none")
        return _unauthorised(rules.no_refresh_token, clears=True)
    yield Saw("refresh_token", "where is the refresh token?", "in the cookie sRefreshToken")
    if app.anti_csrf_mode is AntiCsrf.VIA_CUSTOM_HEADER:
        answer = "no" if transfer.rid is None else "yes"
        yield Saw("rid", "does the request carry the header rid?", answer)
        if transfer.rid is None:
            message = app.profile.messages.no_rid_on_refresh
            return _unauthorised(message, clears=rules.refresh_without_rid_clears)
    reply = yield from ask(
        CoreRefresh(
            refresh_token=text,
            anti_csrf_token=transfer.anti_csrf,
            enable_anti_csrf=app.anti_csrf_mode is AntiCsrf.VIA_TOKEN,
        )
    )
    chosen = ChosenRefresh(token=text, place="cookie")
    return (yield from after_refresh(reply, chosen, transfer, app, ()))


def _unauthorised(message: str, *, clears: bool) -> Failed:
    return Failed(failure=Unauthorised(message=message, clear_tokens=clears))


def sign_out(request: Request, app: AppConfig, rules: SeedRules) -> Tree[StepEnd]:
    """Walk the sign-out API of the seed era: without a session it has nothing to do."""
    checked = yield from verify(request, VerifyOptions(session_required=False), app, rules)
    if isinstance(checked, Failed) or checked.session is None:
        return checked
    session = checked.session
    reply = yield from ask(CoreRemove((session.handle,)))
    if isinstance(reply, CoreTrouble):
        return Failed(failure=failure_of(reply, app), changes=checked.changes)
    cleared = cleared_by(reply, app, rules)
    return Passed(session=session, changes=(*checked.changes, *cleared))


def cleared_by(reply: Removed, app: AppConfig, rules: SeedRules) -> list[Change]:
    """What is cleared once a session was to be removed: nothing, if there was none to remove."""
    if not reply.handles and not rules.sign_out_clears_always:
        return []
    return clear_place("cookie", app)
