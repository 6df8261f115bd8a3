import sys
from pathlib import Path

import pytest

from staged_facts import HANDLE
from stctl.errors import ErrorKind, StctlError
from stctl.exchange import Request, Response, first_value
from stctl.recipe.failures import (
    ClaimError,
    Failure,
    General,
    HandlerName,
    InvalidClaims,
    TokenTheftDetected,
    Unauthorised,
)
from stctl.recipe.overrides import ARGUMENTS, FUNCTIONS, load_overrides
from stctl.recipe.situation import HandlerAnswered, HandlerEnd, HandlerFailed

THEFT = TokenTheftDetected(
    message="stolen", session_handle=HANDLE, user_id="alice", recipe_user_id="bob"
)
SENT = Request(
    method="post",
    path="/auth/session/refresh",
    query=(("tab", "2"),),
    headers=(("X-Trace", "7"), ("Cookie", "sAccessToken=a%2Fb; theme=dark")),
)
DRAFT = Response(status=200, headers=(("front-token", "remove"),))


def handlers_file(folder: Path, text: str) -> Path:
    file = folder / "handlers.py"
    file.write_text(text, encoding="utf-8")
    return file


def call(folder: Path, text: str, failure: Failure = THEFT) -> HandlerEnd:
    overrides = load_overrides(handlers_file(folder, text))
    handler = HandlerName.APP_ERROR_HANDLER
    if not isinstance(failure, General):
        handler = failure.handler
    assert overrides.has(handler)
    return overrides.call(handler, failure, SENT, DRAFT, lambda handle: handle == HANDLE)


def answered(end: HandlerEnd) -> Response:
    assert isinstance(end, HandlerAnswered)
    return end.response


def test_a_handler_is_called_with_the_arguments_that_it_names(tmp_path: Path) -> None:
    text = (
        "def on_token_theft_detected(session_handle, user_id, recipe_user_id, message, response):\n"
        "    response.status = 423\n"
        "    response.body = [session_handle, user_id, recipe_user_id, message]\n"
    )
    response = answered(call(tmp_path, text))
    assert response.status == 423
    assert response.body == f'["{HANDLE}","alice","bob","stolen"]'.encode()
    assert first_value(response.headers, "front-token") == "remove"
    assert first_value(response.headers, "content-type") == "application/json; charset=utf-8"


def test_a_handler_written_for_the_python_sdk_works_as_it_is(tmp_path: Path) -> None:
    text = (
        "async def on_unauthorised(request, message, response):\n"
        "    response.set_status_code(403)\n"
        "    response.set_json_content({'message': message, 'path': request.get_path()})\n"
        "    response.set_header('X-Why', 'no session')\n"
        "    return response\n"
    )
    response = answered(call(tmp_path, text, Unauthorised(message="gone")))
    assert response.status == 403
    assert response.body == b'{"message":"gone","path":"/auth/session/refresh"}'
    assert first_value(response.headers, "x-why") == "no session"


def test_a_handler_sees_the_request(tmp_path: Path) -> None:
    text = (
        "def on_unauthorised(request, response):\n"
        "    response.body = [request.method, request.path, request.get_header('x-trace'),\n"
        "        request.get_cookie('sAccessToken'), request.get_cookie('none'),\n"
        "        request.get_query_param('tab'), request.get_query_param('no', 'x')]\n"
    )
    response = answered(call(tmp_path, text, Unauthorised(message="gone")))
    assert response.body == b'["POST","/auth/session/refresh","7","a/b",null,"2","x"]'


def test_a_handler_that_sets_nothing_answers_an_empty_200(tmp_path: Path) -> None:
    response = answered(
        call(tmp_path, "def on_unauthorised():\n    pass\n", Unauthorised(message=""))
    )
    assert (response.status, response.body) == (200, b"")


@pytest.mark.parametrize(
    ("body", "kind"),
    [("'gone'", "text/plain; charset=utf-8"), ("b'x'", "application/json; charset=utf-8")],
)
def test_a_body_may_be_text_or_bytes(tmp_path: Path, body: str, kind: str) -> None:
    text = f"def on_unauthorised(response):\n    response.body = {body}\n"
    response = answered(call(tmp_path, text, Unauthorised(message="")))
    assert first_value(response.headers, "content-type") == kind


def test_a_handler_may_set_headers_and_cookies_again(tmp_path: Path) -> None:
    text = (
        "def on_unauthorised(response):\n"
        "    response.set_header('Front-Token', 'again')\n"
        "    response.set_cookie('note', 'x')\n"
        "    response.set_html_content('<p>no</p>')\n"
        "    assert response.get_header('front-token') == 'again'\n"
    )
    headers = answered(call(tmp_path, text, Unauthorised(message=""))).headers
    assert [value for name, value in headers if name.lower() == "front-token"] == ["again"]
    assert first_value(headers, "set-cookie") == "note=x; Path=/; HttpOnly; SameSite=Lax"
    assert first_value(headers, "content-type") == "text/html; charset=utf-8"


@pytest.mark.parametrize(("handle", "revoked"), [("session_handle", True), ("'other'", False)])
def test_a_handler_may_revoke_the_session(tmp_path: Path, handle: str, *, revoked: bool) -> None:
    text = (
        "def on_token_theft_detected(session_handle, response):\n"
        f"    response.body = response.revoke_session({handle})\n"
    )
    end = call(tmp_path, text)
    assert isinstance(end, HandlerAnswered)
    assert end.revoked_session is revoked
    assert end.response.body == (b"true" if revoked else b"false")


def test_the_errors_of_claims_come_as_plain_data(tmp_path: Path) -> None:
    text = "def on_invalid_claim(errors, response):\n    response.body = errors\n"
    failure = InvalidClaims(
        message="INVALID_CLAIMS", errors=(ClaimError(id="st-ev", reason={"message": "no"}),)
    )
    response = answered(call(tmp_path, text, failure))
    assert response.body == b'[{"id":"st-ev","reason":{"message":"no"}}]'


def test_general_errors_have_a_function_too(tmp_path: Path) -> None:
    text = "def on_general_error(message, response):\n    response.status = 503\n"
    response = answered(call(tmp_path, text, General(message="core down")))
    assert response.status == 503


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("raise RuntimeError('log server down')", "log server down"),
        ("raise KeyError", "KeyError"),
        ("raise SystemExit(3)", "3"),
        ("response.status = 'no'", "'no' is not an HTTP status"),
        ("response.status = 99", "99 is not an HTTP status"),
        ("response.body = object()", "Object of type object is not JSON serializable"),
        ("return 7", "a handler returns the response that it was given, or nothing"),
    ],
)
def test_whatever_goes_wrong_in_a_handler_makes_it_a_failed_one(
    tmp_path: Path, line: str, message: str
) -> None:
    text = f"\n\ndef on_unauthorised(response):\n    {line}\n"
    end = call(tmp_path, text, Unauthorised(message=""))
    assert isinstance(end, HandlerFailed)
    assert end.message == message
    assert end.place is not None
    assert end.place.startswith(f"{tmp_path / 'handlers.py'}, line ")


def test_a_failing_handler_is_named_with_its_line(tmp_path: Path) -> None:
    text = "def on_unauthorised():\n    helper()\n\ndef helper():\n    1 / 0\n"
    end = call(tmp_path, text, Unauthorised(message=""))
    assert end == HandlerFailed(
        message="division by zero", place=f"{tmp_path / 'handlers.py'}, line 5"
    )


def test_what_a_handler_prints_does_not_mix_with_the_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call(tmp_path, "def on_unauthorised():\n    print('hello')\n", Unauthorised(message=""))
    assert capsys.readouterr() == ("", "hello\n")


@pytest.mark.parametrize(
    ("text", "detail", "hint"),
    [
        ("x = 1\n", "defines no handler", "on_unauthorised"),
        ("def on_unauthorised(:\n", "line 1: invalid syntax", ""),
        ("import no_such_module\n", "line 1: ModuleNotFoundError", ""),
        ("x = 1\ny = x / 0\n", "line 2: ZeroDivisionError", ""),
        (
            "\ndef on_unauthorized():\n    pass\n",
            "line 2: on_unauthorized is not a handler",
            "Did you mean on_unauthorised?",
        ),
        (
            "def on_unauthorised(session_handle):\n    pass\n",
            "line 1: on_unauthorised asks for session_handle, which it cannot be given",
            "can name message, request, response.",
        ),
        ("def on_unauthorised(*args):\n    pass\n", "asks for args", "can name"),
    ],
)
def test_a_file_that_cannot_serve_is_refused_with_its_line(
    tmp_path: Path, text: str, detail: str, hint: str
) -> None:
    with pytest.raises(StctlError) as caught:
        load_overrides(handlers_file(tmp_path, text))
    assert caught.value.kind is ErrorKind.INPUT_UNREADABLE
    assert detail in caught.value.detail
    assert str(tmp_path) in caught.value.detail
    assert hint in caught.value.hint


@pytest.mark.parametrize(("content", "reason"), [(None, "No such file"), (b"\xff", "not UTF-8")])
def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, content: bytes | None, reason: str
) -> None:
    file = tmp_path / "handlers.py"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(StctlError, match=reason):
        load_overrides(file)


def test_every_function_overrides_a_handler_with_known_arguments() -> None:
    assert set(FUNCTIONS.values()) == set(ARGUMENTS)
    assert HandlerName.FRAMEWORK_ERROR_RESPONSE not in ARGUMENTS


def test_a_file_may_import_its_neighbours_and_define_classes(tmp_path: Path) -> None:
    (tmp_path / "neighbour.py").write_text("STATUS = 418\n", encoding="utf-8")
    text = (
        "from __future__ import annotations\n"
        "from dataclasses import dataclass, field\n"
        "import neighbour\n\n"
        "@dataclass\nclass Answer:\n    status: int = field(default=neighbour.STATUS)\n\n"
        "def on_unauthorised(response):\n    response.status = Answer().status\n"
    )
    assert answered(call(tmp_path, text, Unauthorised(message=""))).status == 418
    assert str(tmp_path) not in sys.path
