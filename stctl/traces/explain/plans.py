"""How a route of the app may be protected, as far as a request and its answer show it."""

from typing import Final

from stctl.recipe.config import VerifyOptions
from stctl.recipe.situation import LoginPlan, OpenRoute, RoutePlan
from stctl.traces.explain import plausibility
from stctl.traces.explain.book import Book, RouteNotes
from stctl.traces.explain.choices import Option
from stctl.traces.explain.core_calls import CallKind
from stctl.traces.explain.evidence import Evidence
from stctl.traces.explain.wording import sounds_like_login, sounds_optional, sounds_protected

_FIRST_ERROR: Final = 400
_SERVER_ERROR: Final = 500
_SLIGHT: Final = 0.5
_SOME_USER: Final = LoginPlan(user_id="")

Options = list[Option[RoutePlan]]


def plan_options(
    evidence: Evidence, book: Book, *, carries_token: bool, is_guarded: bool
) -> Options:
    """Every way in which the route may be protected that makes a difference, with its price.

    `carries_token` when a token came that the SDK looks at, `is_guarded` when a check against
    requests of other sites could fail.
    """
    request = evidence.request
    notes = book.notes.route(request.method, request.path)
    if request.method == "OPTIONS" or evidence.is_proxy_error:
        return [Option(OpenRoute())]
    if evidence.of_kind(CallKind.CREATE):
        return [Option(_login_of(evidence))]
    options = (
        _options_with_token(evidence, notes, is_guarded=is_guarded)
        if carries_token
        else _options_without_token(evidence, notes)
    )
    options.append(
        Option(OpenRoute(), _price_of_open(evidence, notes, carries_token=carries_token))
    )
    options.append(Option(_SOME_USER, _price_of_login(evidence, notes)))
    return options


def _login_of(evidence: Evidence) -> LoginPlan:
    user = evidence.of_kind(CallKind.CREATE)[0].sent.get("userId")
    return LoginPlan(user_id=user if isinstance(user, str) else "")


def _price_of_login(evidence: Evidence, notes: RouteNotes) -> float:
    if evidence.sets_refresh_token:
        return plausibility.EXPECTED
    if notes.protected or evidence.request.method == "GET":
        return plausibility.VERY_RARE + plausibility.UNCOMMON
    if notes.logs_in or evidence.of_kind(CallKind.USER_ID):
        return plausibility.EXPECTED
    failed = evidence.status >= _SERVER_ERROR or evidence.response is None
    if failed and sounds_like_login(evidence.request.path):
        return plausibility.EXPECTED
    if evidence.marks.clears_session and sounds_like_login(evidence.request.path):
        return plausibility.COMMON
    return plausibility.RARE if failed else plausibility.VERY_RARE


def _price_of_open(evidence: Evidence, notes: RouteNotes, *, carries_token: bool) -> float:
    if evidence.is_not_found:
        return plausibility.EXPECTED
    if notes.protected:
        return plausibility.VERY_RARE
    path = evidence.request.path
    if sounds_like_login(path) and evidence.status >= _SERVER_ERROR:
        return plausibility.UNCOMMON
    if evidence.is_framework_error and not sounds_protected(path):
        return plausibility.EXPECTED
    if evidence.status < _FIRST_ERROR and not carries_token:
        return _price_of_open_answer(evidence)
    return plausibility.COMMON + _SLIGHT


def _price_of_open_answer(evidence: Evidence) -> float:
    """An answer without a session: a public route, unless it says that it looked for one."""
    if sounds_optional(evidence.request.path) or _speaks_of_no_session(evidence):
        return plausibility.UNCOMMON
    return plausibility.EXPECTED


def _speaks_of_no_session(evidence: Evidence) -> bool:
    names = {"session", "user", "userid", "handle"}
    return any(
        name.lower() in names and not value and value != 0
        for name, value in evidence.members.items()
    )


def _options_with_token(evidence: Evidence, notes: RouteNotes, *, is_guarded: bool) -> Options:
    """Whether a session is required is not asked where one comes along."""
    base = _price_of_verify(evidence, notes)
    may_skip = is_guarded and evidence.request.method != "GET"
    options: Options = []
    for database, price in _database_prices(evidence, notes):
        options.append(Option(VerifyOptions(check_database=database), base + price))
        if may_skip and not evidence.of_kind(CallKind.VERIFY):
            extra = plausibility.EXPECTED if notes.skips_anti_csrf else plausibility.COMMON
            plan = VerifyOptions(check_database=database, anti_csrf_check=False)
            options.append(Option(plan, base + price + extra))
    return options


def _options_without_token(evidence: Evidence, notes: RouteNotes) -> Options:
    """Nothing but whether a session is required is asked where none comes along."""
    base = _price_of_verify(evidence, notes) + 0.1
    optional = base + _price_of_optional(evidence, notes)
    likelier, _ = _database_prices(evidence, notes)[0]
    return [
        Option(VerifyOptions(check_database=likelier), base),
        Option(VerifyOptions(check_database=likelier, session_required=False), optional),
    ]


def _price_of_verify(evidence: Evidence, notes: RouteNotes) -> float:
    price = plausibility.VERY_RARE if evidence.is_not_found else plausibility.EXPECTED
    if evidence.is_framework_error and not notes.protected and not evidence.calls:
        price += _SLIGHT
    if evidence.sets_refresh_token:
        price += plausibility.RARE
    return price


def _price_of_optional(evidence: Evidence, notes: RouteNotes) -> float:
    if notes.passes_without or sounds_optional(evidence.request.path):
        return plausibility.EXPECTED + 0.1
    return plausibility.COMMON


def _database_prices(evidence: Evidence, notes: RouteNotes) -> list[tuple[bool, float]]:
    calls = evidence.of_kind(CallKind.VERIFY)
    if calls:
        told = calls[-1].sent.get("checkDatabase")
        if isinstance(told, bool):
            return [(told, plausibility.EXPECTED)]
        return [(False, plausibility.EXPECTED), (True, _SLIGHT)]
    if notes.checks_database:
        return [(True, plausibility.EXPECTED), (False, plausibility.UNCOMMON)]
    more = plausibility.UNCOMMON if evidence.core_recorded else plausibility.COMMON
    return [(False, plausibility.EXPECTED), (True, more)]
