"""Requests whose headers were not recorded, as they may have been.

Spans name method, path and status, and seldom headers. Whether tokens came along is then one more
thing to infer.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from stctl.jsontypes import JsonValue
from stctl.recipe.config import AppConfig
from stctl.recipe.transfer import ACCESS_COOKIE, LEGACY_COOKIE, REFRESH_COOKIE, read_transfer
from stctl.recipe.walk import Reason, Source
from stctl.tokens.codec import encode_base64url
from stctl.traces.explain import plausibility
from stctl.traces.explain.evidence import Evidence
from stctl.traces.model import Gap

_HOUR_S: Final = 3600
_SECOND_MS: Final = 1000
_REFRESH_TAIL: Final = "/session/refresh"
_UNSEEN: Final = "(not recorded)"
_FROM_CORE: Final = "core_"


def presumptions(evidence: Evidence, app: AppConfig) -> list[tuple[float, Evidence]]:
    """What the request may have carried, with the price of each; only itself where it is known."""
    if Gap.REQUEST_HEADERS not in evidence.entry.gaps or _carries_tokens(evidence, app):
        return [(plausibility.EXPECTED, evidence)]
    return [
        (plausibility.EXPECTED, _with_tokens(evidence, app, valid_s=_HOUR_S)),
        (plausibility.COMMON, _with_tokens(evidence, app, valid_s=-_HOUR_S)),
        (plausibility.COMMON, evidence),
    ]


def is_presumed(evidence: Evidence, app: AppConfig) -> bool:
    """Whether what the request carried is a guess."""
    return len(presumptions(evidence, app)) > 1


def as_inferred(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """Reasons that rest on a presumed request; what the core said was seen all the same."""
    return tuple(
        reason
        if reason.name.startswith(_FROM_CORE)
        else Reason(reason.name, reason.wording, reason.answer, Source.INFERRED)
        for reason in reasons
    )


def _carries_tokens(evidence: Evidence, app: AppConfig) -> bool:
    transfer = read_transfer(evidence.request, app.profile)
    cookies = (transfer.cookie(ACCESS_COOKIE), transfer.cookie(REFRESH_COOKIE))
    return bool(transfer.bearer or any(cookies))


def _with_tokens(evidence: Evidence, app: AppConfig, *, valid_s: int) -> Evidence:
    cookies = {ACCESS_COOKIE: _token(evidence, app, valid_s)}
    if evidence.request.path.endswith(_REFRESH_TAIL):
        cookies[REFRESH_COOKIE] = "presumed"
    if app.profile.seed is not None:
        cookies[LEGACY_COOKIE] = "presumed"
    line = "; ".join(f"{name}={value}" for name, value in cookies.items())
    marks = (("rid", "session"), ("cookie", line))
    request = replace(evidence.request, headers=(*evidence.request.headers, *marks))
    exchange = replace(evidence.entry.exchange, request=request)
    return replace(evidence, entry=replace(evidence.entry, exchange=exchange))


def _token(evidence: Evidence, app: AppConfig, valid_s: int) -> str:
    """An access token of the shape that the SDK reads, of which nothing else is known."""
    now_s = evidence.entry.started_at_ms // _SECOND_MS
    kid = "d-0" if app.dynamic_signing_key else "s-0"
    header: Mapping[str, JsonValue] = {"kid": kid, "typ": "JWT", "version": "5"}
    claims: Mapping[str, JsonValue] = {
        "sub": _UNSEEN,
        "rsub": _UNSEEN,
        "tId": "public",
        "iat": now_s + min(valid_s, 0) - _HOUR_S,
        "exp": now_s + valid_s,
        "sessionHandle": _UNSEEN,
        "refreshTokenHash1": _UNSEEN,
    }
    parts = [json.dumps(part).encode() for part in (header, claims)]
    return ".".join([*map(encode_base64url, parts), "c2ln"])
