"""Requests of the frontend that do not arrive where the SDK listens."""

from collections.abc import Iterable, Iterator
from typing import ClassVar, Final

from stctl.recipe.arrival import Reach
from stctl.traces.diagnose.model import Finding, RuleInfo, Severity
from stctl.traces.diagnose.proof import proof
from stctl.traces.diagnose.rule import Rule
from stctl.traces.diagnose.rules.core_facts import Caller, CallRule, call_proof, first_line
from stctl.traces.diagnose.rules.core_refusals import missing_app
from stctl.traces.diagnose.sight import Sight
from stctl.traces.diagnose.threads import thread
from stctl.traces.explain.core_calls import CoreCall
from stctl.traces.explain.explanation import Explanation

_REFRESH_TAIL: Final = "/session/refresh"
_PUBLIC: Final = "public"


class BasePathMismatch(CallRule):
    """Frontend and backend differ about the base path."""

    info: ClassVar = RuleInfo(
        id="ST-020",
        name="base-path-mismatch",
        severity=Severity.ERROR,
        title="the frontend calls the session API on a path that the backend does not serve",
        cause="apiBasePath (with the gateway path in front of it) differs between the frontend SDK "
        "and the backend SDK. The refresh ends in a 404 of the framework; and where one path is "
        "the beginning of the other, its rest is taken for the name of a tenant.",
        fix="Set the same apiBasePath, and apiGatewayPath where there is one, on both sides.",
        link=thread("core#1021"),
        references=("core#1021",),
        example="`POST /auth/session/refresh` is answered 404, and "
        "`POST /api/auth/session/refresh` works.",
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Fires on a refresh that no route takes, unless the path is known to be right."""
        yield from super().of_request(told, sight)
        request = told.evidence.request
        if not _is_unserved_refresh(told) or _is_on_base_path(told, sight):
            return
        base = request.path.removesuffix(_REFRESH_TAIL) or "/"
        known = sight.known.api_base_path
        where = (
            f"the backend serves {known or '/'}"
            if known is not None
            else (
                "the backend's base path is another one, or the SDK's middleware is not installed"
            )
        )
        yield self.finding(
            f"The refresh goes to {request.path}, which is answered {told.evidence.status}; "
            f"{where}.",
            proof(told, "request path", f"base path {base}; answered {told.evidence.status}"),
            subject=base,
        )

    def of_core_call(self, call: CoreCall, caller: Caller, sight: Sight) -> Iterable[Finding]:
        """Fires where the core does not know a tenant other than the public one."""
        del sight
        missing = missing_app(call)
        if missing is not None and missing[1] not in {"", _PUBLIC}:
            yield self.finding(
                f"The core has no tenant {missing[1]}, which a part of a path was taken for.",
                call_proof(call, caller, f"400, {first_line(call.text)}"),
                subject=missing[1],
            )


def _is_unserved_refresh(told: Explanation) -> bool:
    request = told.evidence.request
    is_refresh = request.method == "POST" and request.path.endswith(_REFRESH_TAIL)
    return is_refresh and told.reach is Reach.NO_ROUTE


def _is_on_base_path(told: Explanation, sight: Sight) -> bool:
    known = sight.known.api_base_path
    return known is not None and told.evidence.request.path == f"{known}{_REFRESH_TAIL}"


class MiddlewareMissing(Rule):
    """The SDK does not listen on its own paths."""

    info: ClassVar = RuleInfo(
        id="ST-118",
        name="middleware-missing",
        severity=Severity.ERROR,
        title="the refresh API is not served although the base path is right",
        cause="The SDK's own APIs (refresh, sign-out) are answered by its middleware, and it is "
        "not installed, or something answers before it. Verifying works without it, so only the "
        "refresh is missed: every user is logged out once the access token expires.",
        fix="Install the SDK's middleware, in front of the app's routes.",
        link=thread("core#1044"),
        references=("core#1044",),
        example="A 401 of the session recipe is followed by `POST /auth/session/refresh`, which "
        "the framework answers 404.",
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Fires on a refresh to the known base path that no route takes."""
        if not _is_unserved_refresh(told) or not _is_on_base_path(told, sight):
            return
        yield self.finding(
            f"{told.evidence.request.path} is answered {told.evidence.status} by the framework.",
            proof(told, "answer status", f"{told.evidence.status} of the framework"),
        )


class RefreshByWrongMethod(Rule):
    """The refresh API is called with another method than POST."""

    info: ClassVar = RuleInfo(
        id="ST-112",
        name="refresh-by-wrong-method",
        severity=Severity.ERROR,
        title="the refresh API is called with another method than POST",
        cause="The SDK takes only POST on the refresh path. A GET (a redirect that changed the "
        "method, a link, a health check, hand-written code) is none of its business and ends in "
        "the app's own 404; the session stays as it is.",
        fix="Call the refresh API with POST. Let no redirect (http to https, a slash at the end) "
        "stand between the frontend and the API: it turns POST into GET.",
        link=thread("core#1044"),
        references=("core#1044",),
        example="`GET /auth/session/refresh` is answered 404.",
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Fires on a refused call of the refresh path with GET, PUT and the like."""
        request = told.evidence.request
        if request.method in {"POST", "OPTIONS", "HEAD"} or told.reach is not Reach.NO_ROUTE:
            return
        known = sight.known.api_base_path
        is_api = request.path.endswith(_REFRESH_TAIL)
        if is_api and (known is None or request.path.startswith(known)):
            yield self.finding(
                f"{request.method} {request.path} is answered {told.evidence.status}.",
                proof(told, "request method", f"{request.method}; answered {told.evidence.status}"),
            )


RULES: tuple[type[Rule], ...] = (BasePathMismatch, MiddlewareMissing, RefreshByWrongMethod)
