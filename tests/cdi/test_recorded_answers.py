"""Every shape of answer that a real core was seen to give can be read."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from fake_core import FakeCore, reply
from stctl.cdi.client import CdiClient
from stctl.cdi.versions import SUPPORTED
from stctl.errors import ErrorKind, StctlError

FILE = Path(__file__).parents[1] / "recorded/client/answers.json"
ANSWERS: list[dict[str, Any]] = json.loads(FILE.read_text("utf-8"))
CALLS: Mapping[str, Callable[[CdiClient], object]] = {
    "POST /recipe/session": lambda client: client.create_session("u"),
    "GET /recipe/session": lambda client: client.get_session("h"),
    "POST /recipe/session/verify": lambda client: client.verify_session("t"),
    "POST /recipe/session/refresh": lambda client: client.refresh_session("t"),
    "POST /recipe/session/remove": lambda client: client.revoke_handles([]),
    "GET /recipe/session/user": lambda client: client.handles_of_user("u"),
    "GET /recipe/session/data": lambda client: client.get_session_data("h"),
    "PUT /recipe/session/data": lambda client: client.set_session_data("h", {}),
    "GET /recipe/jwt/data": lambda client: client.get_jwt_payload("h"),
    "PUT /recipe/jwt/data": lambda client: client.set_jwt_payload("h", {}),
    "POST /recipe/session/regenerate": lambda client: client.regenerate("t"),
    "POST /recipe/handshake": lambda client: client.speaking("2.20").handshake(),
    "POST /recipe/jwt": lambda client: client.sign_jwt({}, validity_s=1, jwks_domain="d"),
    "GET /recipe/dashboard/tenant/core-config": lambda client: client.core_config(),
    "GET /.well-known/jwks.json": lambda client: client.jwks(),
    "GET /apiversion": lambda client: client.api_versions(),
    "GET /user/id": lambda client: client.user("u"),
    "GET /config": lambda client: client.config(1),
    "GET /hello": lambda client: client.hello(),
}
KINDS = {
    400: ErrorKind.CORE_REFUSED,
    401: ErrorKind.CORE_KEY_REFUSED,
    403: ErrorKind.CORE_REFUSED,
    404: ErrorKind.CORE_NOT_FOUND,
    500: ErrorKind.CORE_FAILED,
}


def name(answer: dict[str, Any]) -> str:
    body = answer.get("body", {})
    said = body.get("status", answer["status"])
    return f"{answer['method']} {answer['path']} {answer['cdi']} {said}"


CALLED = [
    answer
    for answer in ANSWERS
    if f"{answer['method']} {answer['path']}" in CALLS and answer["cdi"] in {None, *SUPPORTED}
]
GOOD = [answer for answer in CALLED if answer["status"] == 200]
REFUSED = [answer for answer in CALLED if answer["status"] != 200]


def ask(answer: dict[str, Any]) -> object:
    call = f"{answer['method']} {answer['path']}"
    body = json.dumps(answer["body"]) if "body" in answer else answer["body_text"]
    told = reply(body, status=answer["status"], headers=list(answer["headers"].items()), call=call)
    core = FakeCore({"GET /apiversion": {"versions": [*SUPPORTED]}, call: told})
    return CALLS[call](CdiClient(core, cdi=answer["cdi"] or "5.6"))


@pytest.mark.parametrize("answer", GOOD, ids=name)
def test_a_good_answer_is_read(answer: dict[str, Any]) -> None:
    ask(answer)


@pytest.mark.parametrize("answer", REFUSED, ids=name)
def test_a_refusal_is_the_error_that_fits_in_the_core_s_words(answer: dict[str, Any]) -> None:
    with pytest.raises(StctlError) as caught:
        ask(answer)
    assert caught.value.kind is KINDS[answer["status"]]
    text = answer.get("body_text", "")
    assert text.startswith("<") or text.split()[0] in caught.value.detail


def test_every_call_of_the_client_was_recorded() -> None:
    assert {f"{answer['method']} {answer['path']}" for answer in GOOD} == set(CALLS)
    assert len(GOOD) > 150
