"""What of an app's set-up a request can come upon: readings of the rest would all end alike.

The tree alone decides. Whatever is said here only saves walks that end as a cheaper one does.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from stctl.exchange import Request
from stctl.recipe.config import AntiCsrf, AppConfig
from stctl.recipe.failures import HandlerName
from stctl.recipe.handlers import DEFAULT_MESSAGES
from stctl.recipe.profiles.profile import Profile
from stctl.recipe.reading import read_session_token
from stctl.recipe.transfer import ACCESS_COOKIE, REFRESH_COOKIE, read_transfer
from stctl.traces.explain import plausibility
from stctl.traces.explain.answering_handlers import writes_default
from stctl.traces.explain.book import Book
from stctl.traces.explain.evidence import Evidence

_REFRESH_TAIL: Final = "/session/refresh"
_FIRST_ERROR: Final = 400
_SERVER_ERROR: Final = 500
_BY_MESSAGE: Final[Mapping[str, HandlerName]] = {
    message: handler for handler, message in DEFAULT_MESSAGES.items()
}


def brings_token(request: Request, app: AppConfig) -> bool:
    """Whether a token comes along where the app looks for one, so that it is checked.

    Without one nothing is asked of a route but whether it needs a session; with one, never that.
    """
    transfer = read_transfer(request, app.profile)
    if app.profile.seed is not None:
        return transfer.has_legacy_cookie
    header = transfer.bearer if app.allows("header") else None
    cookie = transfer.cookie(ACCESS_COOKIE) if app.allows("cookie") else None
    return any(text and read_session_token(text, app.profile) for text in (header, cookie))


def may_fail_anti_csrf(request: Request, app: AppConfig) -> bool:
    """Whether the check against requests of other sites, where it is made, can say no."""
    if app.anti_csrf_mode is AntiCsrf.VIA_CUSTOM_HEADER:
        return read_transfer(request, app.profile).rid is None
    return app.anti_csrf_mode is AntiCsrf.VIA_TOKEN


def may_lack_custom_header(request: Request, profile: Profile) -> bool:
    """Whether a custom header would be missed: it is asked of cookies alone."""
    transfer = read_transfer(request, profile)
    cookies = (transfer.cookie(ACCESS_COOKIE), transfer.cookie(REFRESH_COOKIE))
    return transfer.rid is None and any(cookies)


class Told(NamedTuple):
    """What an answer tells by itself."""

    handler: HandlerName | None
    """Who answered an error; None: nothing was raised."""
    rival: float
    """The least that it takes to believe in any other verdict."""


def told_by_answer(evidence: Evidence, book: Book) -> Told | None:
    """What an answer tells by itself; None where it leaves it open.

    To the letter, only a default handler writes its text. All being well, only a handler of the app
    could have hidden an error, save for doubled cookies, of which a refresh makes no trouble.
    """
    response = evidence.response
    if response is None or response.status >= _SERVER_ERROR:
        return None
    if not evidence.is_trouble:
        is_doubtful = _is_refresh(evidence) and not evidence.sets_refresh_token
        is_open = is_doubtful or response.body in book.notes.answers
        return None if is_open else Told(None, plausibility.UNCOMMON)
    if response.status < _FIRST_ERROR or response.body in book.notes.own_answers:
        return None
    message = str(evidence.members.get("message"))
    if not writes_default(evidence) or message not in _BY_MESSAGE:
        return None
    return Told(_BY_MESSAGE[message], plausibility.VERY_RARE)


def _went_well(evidence: Evidence) -> bool:
    return evidence.response is not None and evidence.response.status < _FIRST_ERROR


def _is_refresh(evidence: Evidence) -> bool:
    return evidence.request.path.endswith(_REFRESH_TAIL)


def may_be_wrong_kind_of_key(evidence: Evidence) -> bool:
    """Whether an answer can say that a token was signed with the other kind of key.

    That is TRY_REFRESH_TOKEN, which no refresh raises, and no default answer of another error says.
    """
    if _went_well(evidence) or _is_refresh(evidence):
        return False
    asks_to_refresh = DEFAULT_MESSAGES[HandlerName.ON_TRY_REFRESH_TOKEN]
    return not writes_default(evidence) or evidence.members.get("message") == asks_to_refresh
