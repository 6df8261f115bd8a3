"""Rules for what stands together in one paste."""

from collections.abc import Iterator, Sequence

from stctl.tokens.access import AccessToken
from stctl.tokens.front import FrontToken
from stctl.tokens.identify.model import Finding, Found
from stctl.tokens.lint.remark import Remark

_RESPONSE_ONLY = {"st-access-token", "st-refresh-token"}


def remarks_on_paste(found: Sequence[Found]) -> list[Remark]:
    """Everything odd about tokens that were sent together."""
    findings = [item for item in found if isinstance(item, Finding)]
    return [
        *_duplicate_cookies(found),
        *_header_and_cookie(findings),
        *_response_headers(findings),
        *_front_tokens(findings),
        *_anti_csrf(findings),
    ]


def _duplicate_cookies(found: Sequence[Found]) -> Iterator[Remark]:
    counts: dict[tuple[str, int, str], int] = {}
    for item in found:
        source = item.source
        if source.place == "cookie" and source.name is not None:
            key = (source.paste, source.line, source.name)
            counts[key] = counts.get(key, 0) + 1
    for (_, _, name), count in counts.items():
        if count > 1:
            yield Remark("duplicate-cookie", f"{name} is there {count} times.")


def _header_and_cookie(findings: Sequence[Finding]) -> Iterator[Remark]:
    places = {
        (item.source.place, (item.source.name or "").lower())
        for item in findings
        if isinstance(item.body, AccessToken)
    }
    if {("header", "authorization"), ("cookie", "saccesstoken")} <= places:
        yield Remark("header-and-cookie", "Authorization and sAccessToken.")


def _response_headers(findings: Sequence[Finding]) -> Iterator[Remark]:
    headers = {
        (item.source.name or "").lower() for item in findings if item.source.place == "header"
    }
    misplaced = sorted(headers & _RESPONSE_ONLY)
    if "authorization" in headers and misplaced:
        yield Remark("response-header", f"{' and '.join(misplaced)} beside Authorization.")


def _front_tokens(findings: Sequence[Finding]) -> Iterator[Remark]:
    fronts = [item.body for item in findings if isinstance(item.body, FrontToken)]
    tokens = [item.body for item in findings if isinstance(item.body, AccessToken)]
    if not fronts or not tokens:
        return
    for front in fronts:
        if not any(_agree(front, token) for token in tokens):
            yield Remark("front-token-differs", "No access token here has its user and expiry.")


def _agree(front: FrontToken, token: AccessToken) -> bool:
    same_second = front.access_token_expires_at_ms // 1000 == token.expires_at_ms // 1000
    return front.user_id == token.user_id and same_second


def _anti_csrf(findings: Sequence[Finding]) -> Iterator[Remark]:
    values = {item.text for item in findings if item.kind == "anti-csrf-token"}
    claims = {
        item.body.anti_csrf_token
        for item in findings
        if isinstance(item.body, AccessToken) and item.body.anti_csrf_token is not None
    }
    if values and claims and not values & claims:
        yield Remark("anti-csrf-differs", "Compared with every access token beside it.")
