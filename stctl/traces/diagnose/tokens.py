"""The tokens of a request and its answer, each read once, with what `decode` would say of it."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from stctl.exchange import Request, Response, first_value
from stctl.recipe.transfer import (
    ACCESS_COOKIE,
    ACCESS_HEADER,
    REFRESH_COOKIE,
    REFRESH_HEADER,
)
from stctl.tokens.access import AccessToken
from stctl.tokens.identify.model import Finding, Kind, Source
from stctl.tokens.identify.value import read_value
from stctl.tokens.lint.remark import Remark
from stctl.tokens.lint.token_rules import remarks_on
from stctl.tokens.times import validity_of
from stctl.traces.diagnose.wire import bearer_of, sent_cookies, set_cookies
from stctl.traces.explain.explanation import Explanation

_COOKIES: dict[str, Kind] = {ACCESS_COOKIE: "access-token", REFRESH_COOKIE: "refresh-token"}
_HEADERS: dict[str, Kind] = {ACCESS_HEADER: "access-token", REFRESH_HEADER: "refresh-token"}


class Placed(NamedTuple):
    """A token, and where it stood."""

    field: str
    """As proofs name it: `request cookie sAccessToken`, `answer header st-access-token`."""
    finding: Finding

    @property
    def access(self) -> AccessToken | None:
        """What it says, where it is an access token."""
        body = self.finding.body
        return body if isinstance(body, AccessToken) else None


def tokens_sent(request: Request, *, is_refresh: bool) -> Iterator[Placed]:
    """The session tokens of a request that can be read, wherever they stand."""
    expected: Kind = "refresh-token" if is_refresh else "access-token"
    bearer = bearer_of(request)
    if bearer is not None:
        source = Source(place="header", name="Authorization", scheme="Bearer")
        yield from _placed("request header Authorization", bearer, source, expected)
    for name, value in sent_cookies(request):
        if name in _COOKIES and value:
            source = Source(place="cookie", name=name)
            yield from _placed(f"request cookie {name}", value, source, _COOKIES[name])


def tokens_given(response: Response) -> Iterator[Placed]:
    """The session tokens that an answer sets, in cookies and headers."""
    for name, kind in _HEADERS.items():
        value = first_value(response.headers, name)
        if value:
            source = Source(place="header", name=name)
            yield from _placed(f"answer header {name}", value, source, kind)
    for cookie in set_cookies(response):
        if cookie.name in _COOKIES and cookie.value:
            source = Source(place="cookie", name=cookie.name)
            field = f"answer header Set-Cookie {cookie.name}"
            yield from _placed(field, cookie.value, source, _COOKIES[cookie.name])


def access_tokens_of(told: Explanation) -> Iterator[Placed]:
    """Every access token of a request and its answer."""
    evidence = told.evidence
    is_refresh = told.answered.step.value == "refresh"
    placed = [*tokens_sent(evidence.request, is_refresh=is_refresh)]
    placed += tokens_given(evidence.response) if evidence.response else []
    return (one for one in placed if one.access is not None)


def _placed(field: str, text: str, source: Source, expected: Kind) -> Iterator[Placed]:
    finding = _read(text, source, expected)
    if finding is not None:
        yield Placed(field, finding)


# One token comes with many requests. Sources are few, so the texts are what counts.
@lru_cache(maxsize=256)
def _read(text: str, source: Source, expected: Kind) -> Finding | None:
    found = read_value(text, source, expected)
    return found if isinstance(found, Finding) else None


@lru_cache(maxsize=256)
def _remarks(text: str, source: Source, expected: Kind) -> tuple[Remark, ...]:
    finding = _read(text, source, expected)
    if finding is None:
        return ()
    body = finding.body
    now_ms = body.issued_at_ms if isinstance(body, AccessToken) else 0
    return tuple(remarks_on(finding, validity_of(body, now_ms), None))


def remark_on(placed: Placed, id_: str) -> Remark | None:
    """A remark that `decode` makes of this token, whatever the time of day; None for none."""
    finding = placed.finding
    if finding.expected is None:
        return None
    remarks = _remarks(finding.text, finding.source, finding.expected)
    return next((one for one in remarks if one.id == id_), None)
