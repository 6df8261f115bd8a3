"""Rules for what CORS lets a page see and do."""

from collections.abc import Iterator
from typing import ClassVar, Final

from stctl.exchange import Response, first_value
from stctl.recipe.handlers import HandlerKind
from stctl.recipe.step_end import StepName
from stctl.recipe.transfer import (
    ACCESS_HEADER,
    ANTI_CSRF_HEADER,
    FRONT_TOKEN_HEADER,
    REFRESH_HEADER,
)
from stctl.traces.diagnose.model import Finding, Proof, RuleInfo, Severity
from stctl.traces.diagnose.proof import proof
from stctl.traces.diagnose.rule import Rule
from stctl.traces.diagnose.sight import Sight
from stctl.traces.diagnose.threads import thread
from stctl.traces.diagnose.wire import is_cross_origin, is_navigation, listed, page_of
from stctl.traces.explain.book import Recent
from stctl.traces.explain.explanation import Explanation

_ORIGIN: Final = "access-control-allow-origin"
_EXPOSED: Final = "access-control-expose-headers"
_TOKENS: Final = (ACCESS_HEADER, REFRESH_HEADER)
_OF_RECIPE: Final[frozenset[HandlerKind]] = frozenset({"default", "custom"})


class NotExposed(Rule):
    """Headers that the frontend SDK needs and the browser hides from it."""

    info: ClassVar = RuleInfo(
        id="ST-005",
        name="headers-not-exposed",
        severity=Severity.ERROR,
        title="the browser hides the session's headers from the frontend",
        cause="The answer goes to a page of another origin, and Access-Control-Expose-Headers does "
        "not name the headers that the frontend SDK reads (with cookies a `*` is no wildcard). "
        "Tokens arrive, but the frontend never learns that there is a session. The SDK sets the "
        "header itself; a CORS middleware or a proxy replaces it.",
        fix="Let the CORS middleware or proxy expose `front-token`, `anti-csrf`, `st-access-token` "
        "and `st-refresh-token` beside its own headers, or leave the header to the SDK.",
        link=thread("docs#396"),
        references=("core#1044", "docs#396", "docs#288"),
        example="A login sets cookies and `front-token`, and exposes only `X-Request-Id`; "
        "doesSessionExist() stays false.",
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Compares what is set with what is exposed."""
        del sight
        request, response = told.evidence.request, told.evidence.response
        if response is None or is_navigation(request) or not is_cross_origin(request):
            return
        if not told.evidence.shows_headers:
            return
        # Without it the browser hides everything, or no CORS is at work at all.
        if first_value(response.headers, _ORIGIN) is None:
            return
        hidden = _hidden(response)
        if hidden:
            exposed = first_value(response.headers, _EXPOSED)
            shows = "it is missing" if exposed is None else f"it is `{exposed}`"
            yield self.finding(
                f"{page_of(request)} cannot read {', '.join(hidden)}.",
                proof(told, "answer header Access-Control-Expose-Headers", shows),
            )


def _hidden(response: Response) -> list[str]:
    """Headers that are set, needed, and not exposed."""
    exposed = listed(response, _EXPOSED)
    in_headers = any(first_value(response.headers, name) for name in _TOKENS)
    if "*" in exposed and (in_headers or not _with_credentials(response)):
        return []
    wanted = (FRONT_TOKEN_HEADER, ANTI_CSRF_HEADER, *(_TOKENS if in_headers else ()))
    return [name for name in wanted if first_value(response.headers, name) and name not in exposed]


def _with_credentials(response: Response) -> bool:
    value = first_value(response.headers, "access-control-allow-credentials") or ""
    return value.lower() == "true"


class OnlyOnPreflight(Rule):
    """CORS headers that the SDK's answers lack."""

    info: ClassVar = RuleInfo(
        id="ST-041",
        name="cors-on-preflight-only",
        severity=Severity.ERROR,
        title="the preflight is allowed, and the answer itself lacks the CORS headers",
        cause="The CORS middleware comes after the SDK's middleware, or not on its routes. The "
        "SDK's answers leave before it adds its headers, and the browser hides them: the page sees "
        "a network error where a 401 should start a refresh.",
        fix="Put the CORS middleware before that of the SDK, and outside of error handlers.",
        link=thread("docs#396"),
        references=("docs#396",),
        example="OPTIONS has Access-Control-Allow-Origin; the 401 of the request after it has not.",
    )

    def __init__(self) -> None:
        self._allowed: Recent[tuple[str, str], Proof] = Recent(200)
        """By host and origin: a preflight that was allowed."""

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Compares the SDK's answers with the preflight before them."""
        del sight
        request, response = told.evidence.request, told.evidence.response
        origin = first_value(request.headers, "origin")
        if response is None or origin is None or not told.evidence.shows_headers:
            return
        key = (told.evidence.entry.host, origin)
        allowed = first_value(response.headers, _ORIGIN)
        if request.method == "OPTIONS":
            if allowed in {origin, "*"}:
                shows = f"{allowed}"
                field = "answer header Access-Control-Allow-Origin"
                self._allowed.put(key, proof(told, field, shows))
            return
        before = self._allowed.get(key)
        if before is not None and allowed is None and _is_of_sdk(told):
            shows = f"it is missing from the {told.evidence.status}"
            yield self.finding(
                f"{origin} may call {key[0]}, and may not read the answer.",
                before,
                proof(told, "answer header Access-Control-Allow-Origin", shows),
            )


def _is_of_sdk(told: Explanation) -> bool:
    """Whether the SDK itself gave the answer; frameworks leave CORS off their error pages."""
    if told.error is not None:
        return told.answered.firing.kind in _OF_RECIPE
    return told.answered.step in {StepName.REFRESH, StepName.SIGN_OUT}


RULES: tuple[type[Rule], ...] = (NotExposed, OnlyOnPreflight)
