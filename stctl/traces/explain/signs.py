"""Tells the SDK by its habits, where nobody named it.

Source: SDKs, behaviour notes 10.
"""

from collections.abc import Mapping
from typing import Final

from stctl.exchange import Response, first_value
from stctl.recipe.front_token import decode_front_token
from stctl.recipe.profiles.newest import profile_of
from stctl.recipe.profiles.profile import SdkName
from stctl.recipe.transfer import FRONT_TOKEN_HEADER
from stctl.traces.explain.core_calls import CallKind
from stctl.traces.explain.evidence import Evidence

_SDKS: Final[tuple[SdkName, ...]] = ("node", "python", "go")
_AGENTS: Final[Mapping[str, SdkName]] = {
    "node": "node",
    "axios/": "node",
    "python-httpx/": "python",
    "python-requests/": "python",
    "go-http-client/": "go",
}
_PYTHON_SERVERS: Final = ("uvicorn", "werkzeug", "gunicorn", "hypercorn", "daphne")


def sdk_shown(evidence: Evidence) -> SdkName | None:
    """The SDK that an exchange, with the calls that it led to, can only be of; None if any."""
    for call in evidence.calls:
        told = _by_agent(call.agent)
        if told is not None and call.kind is not CallKind.OTHER:
            return told
    return _by_answer(evidence.response) if evidence.response is not None else None


def _by_agent(agent: str | None) -> SdkName | None:
    text = (agent or "").lower()
    return next((sdk for start, sdk in _AGENTS.items() if text.startswith(start)), None)


def _by_answer(response: Response) -> SdkName | None:
    names = {name for name, _ in response.headers}
    for sdk in _SDKS:
        if names & {*profile_of(sdk).header_case.values()}:
            return sdk
    server = (first_value(response.headers, "server") or "").lower()
    if server.startswith(_PYTHON_SERVERS):
        return "python"
    if (first_value(response.headers, "x-powered-by") or "").lower() == "express":
        return "node"
    return _by_front_token(first_value(response.headers, FRONT_TOKEN_HEADER))


def _by_front_token(text: str | None) -> SdkName | None:
    """Python writes the members of the front token in an order of its own."""
    members = decode_front_token(text) if text else None
    if members is None:
        return None
    return "python" if tuple(members) == profile_of("python").front_token_order else None
