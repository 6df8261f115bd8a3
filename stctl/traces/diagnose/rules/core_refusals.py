"""A core that answers, and refuses."""

import re
from collections.abc import Iterable, Iterator
from typing import ClassVar, Final

from stctl.recipe.failures import General
from stctl.traces.diagnose.model import Finding, RuleInfo, Severity
from stctl.traces.diagnose.rule import Rule
from stctl.traces.diagnose.rules.core_facts import Caller, CallRule, call_proof, first_line
from stctl.traces.diagnose.rules.sequences_tokens import OK
from stctl.traces.diagnose.sight import Sight
from stctl.traces.diagnose.threads import thread
from stctl.traces.explain.core_calls import CallKind, CoreCall
from stctl.traces.explain.explanation import Explanation

_BAD_REQUEST: Final = 400
_UNAUTHORISED: Final = 401
_VERSION_REFUSED: Final = re.compile(
    r"cdi-version\s+\S+\s+(?:is\s+)?(?:not supported|lower than)|lower than the minimum allowed",
    re.IGNORECASE,
)
_UNKNOWN_APP: Final = re.compile(r"AppId or tenantId not found|TenantOrAppNotFound", re.IGNORECASE)
_COMBINATION: Final = re.compile(r"\(([^,()]*),\s*([^,()]*),\s*([^,()]*)\)\s*$", re.MULTILINE)
_PUBLIC: Final = "public"
_ANSWERED_IN_JSON: Final = frozenset(
    {CallKind.VERIFY, CallKind.REFRESH, CallKind.CREATE, CallKind.REMOVE, CallKind.REGENERATE}
)


class CdiGap(CallRule):
    """SDK and core have no version of the interface in common."""

    info: ClassVar = RuleInfo(
        id="ST-007",
        name="cdi-gap",
        severity=Severity.ERROR,
        title="SDK and core speak no common version of their interface",
        cause="Each SDK speaks a few versions of the Core Driver Interface (CDI), newer ones "
        "exactly one; the core offers a range, which its settings may narrow. The two do not meet, "
        "so every step that needs the core is a general error.",
        fix="Upgrade the older one of the two: `stctl doctor` says which versions would meet. "
        "Check supertokens_max_cdi_version and supertokens_min_cdi_version of the core.",
        link=thread("core#355"),
        references=("core#355", "node#899", "node#173", "graphql-hive/console#2670"),
        example="`GET /apiversion` lists versions up to 2.7, and the login fails with `The running "
        "SuperTokens core version is not compatible with this SDK`.",
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Fires where the SDK gave up on the core's list, or the core on the SDK's version."""
        yield from super().of_request(told, sight)
        failure = told.answered.failure
        if not isinstance(failure, General) or "not compatible" not in failure.message:
            return
        for call in told.evidence.of_kind(CallKind.VERSION):
            yield self.finding(
                f"The core offers {_offered(call)}; the SDK finds none that it speaks.",
                call_proof(call, told, f"versions {_offered(call)}"),
            )

    def of_core_call(self, call: CoreCall, caller: Caller, sight: Sight) -> Iterable[Finding]:
        """Fires on a version that the core does not take."""
        del sight
        if call.status == _BAD_REQUEST and _VERSION_REFUSED.search(call.text):
            yield self.finding(
                f"The core refuses CDI {call.cdi or 'version'}: {first_line(call.text)}.",
                call_proof(call, caller, f"400, {first_line(call.text)}"),
            )


def _offered(call: CoreCall) -> str:
    versions = call.answer.get("versions")
    names = [one for one in versions if isinstance(one, str)] if isinstance(versions, list) else []
    names.sort(key=_as_numbers)
    return f"{names[0]} to {names[-1]}" if names else "no versions"


def _as_numbers(version: str) -> list[int]:
    return [int(part) if part.isdecimal() else 0 for part in version.split(".")]


class InvalidApiKey(CallRule):
    """The core does not know the API key."""

    info: ClassVar = RuleInfo(
        id="ST-019",
        name="invalid-api-key",
        severity=Severity.ERROR,
        title="the core refuses the backend's API key",
        cause="The apiKey of the SDK is missing, wrong, or one of another app or core. Only "
        "`/hello` and the key set need none, so access tokens still verify; everything that asks "
        "the core fails with a general error.",
        fix="Set the SDK's apiKey to one of the core's api_keys (for an app of its own, to that "
        "app's). `stctl doctor` tries the key.",
        link=thread("docs#380"),
        references=("docs#380",),
        example="The core answers 401 `Invalid API key`, and the login is a 500.",
    )

    def of_core_call(self, call: CoreCall, caller: Caller, sight: Sight) -> Iterable[Finding]:
        """Fires on the core's own 401."""
        del sight
        if call.status == _UNAUTHORISED and "api key" in call.text.lower():
            yield self.finding(
                f"{call.method} {call.path} is answered 401 {first_line(call.text)}.",
                call_proof(call, caller, f"401, {first_line(call.text)}"),
            )


class UnknownApp(CallRule):
    """The core has no such app."""

    info: ClassVar = RuleInfo(
        id="ST-111",
        name="unknown-app",
        severity=Severity.ERROR,
        title="the connectionURI names an app that the core does not have",
        cause="The path of the connectionURI (`/appid-…`) or its host name selects an app, and the "
        "core has none of that name. Every call is answered 400.",
        fix="Correct the connectionURI, or create the app in the core first.",
        link=thread("core#1021"),
        references=("core#1021",),
        example="`GET /appid-nope/apiversion` is answered 400 `AppId or tenantId not found`.",
    )

    def of_core_call(self, call: CoreCall, caller: Caller, sight: Sight) -> Iterable[Finding]:
        """Fires where the tenant is the public one, so that it is the app that is missing."""
        del sight
        missing = missing_app(call)
        if missing is not None and missing[1] in {"", _PUBLIC}:
            app = missing[0] or "of this name"
            yield self.finding(
                f"The core has no app {app}: {call.path} is answered 400.",
                call_proof(call, caller, f"400, {first_line(call.text)}"),
                subject=missing[0],
            )


class NotACore(CallRule):
    """Something answers in the core's place."""

    info: ClassVar = RuleInfo(
        id="ST-121",
        name="not-a-core",
        severity=Severity.ERROR,
        title="what answers the backend's calls is no core",
        cause="The connectionURI leads to something else: a proxy's page, a login wall, another "
        "service on that port. It answers 200 with something that is not the JSON of a core, and "
        "the SDK fails on it (in Go it panics).",
        fix="Open `/hello` at the connectionURI: a core answers `Hello`. `stctl doctor` does so.",
        link=thread("core#593"),
        references=("core#593",),
        example="`POST /recipe/session/refresh` is answered 200 with an HTML page.",
    )

    def of_core_call(self, call: CoreCall, caller: Caller, sight: Sight) -> Iterable[Finding]:
        """Fires on a good answer to a call of the session recipe that has no `status` in it."""
        del sight
        is_odd = call.status == OK and call.is_told and call.core_status is None
        if is_odd and call.kind in _ANSWERED_IN_JSON and call.text.strip():
            yield self.finding(
                f"{call.method} {call.path} is answered 200 without the JSON of a core.",
                call_proof(call, caller, f"200, {first_line(call.text)[:80]}"),
            )


def missing_app(call: CoreCall) -> tuple[str, str] | None:
    """App and tenant that the core says it does not have; None for another answer."""
    if call.status != _BAD_REQUEST or not _UNKNOWN_APP.search(call.text):
        return None
    named = _COMBINATION.search(call.text)
    return (named[2].strip(), named[3].strip()) if named else ("", "")


RULES: tuple[type[Rule], ...] = (CdiGap, InvalidApiKey, UnknownApp, NotACore)
