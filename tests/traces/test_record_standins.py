"""A recording with stand-ins holds no secret and is explained as the recording with them."""

import json
from base64 import urlsafe_b64encode
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explained import LABELLED, Document, app_of, explained, labels_of
from stctl.exchange import Request, Response
from stctl.render.explain.document import entry_document
from stctl.tokens.access import parse
from stctl.tokens.hashes import hash1
from stctl.traces.explain.known_app import KnownApp
from stctl.traces.model import Entry, Gap
from stctl.traces.record.masking import with_stand_ins
from stctl.traces.record.standins import StandIns
from stctl.traces.recording import entry_line
from stctl.traces.secrets import secrets_of
from trace_help import TRACES, exchange, recorded_entries

KEY = b"k" * 32
REFRESH = "a" * 40 + "+/==." + "0f" * 32 + ".V2"
COMPARED = (
    "step",
    "error",
    "error_message",
    "handler",
    "handler_kind",
    "status",
    "cleared",
    "set",
    "clears_session",
    "core_calls",
    "next_frontend_action",
    "reasons",
)


def stood_in(entries: list[Entry], key: bytes = KEY) -> list[Entry]:
    stand_ins = StandIns(key)
    return [with_stand_ins(entry, stand_ins) for entry in entries]


def verdicts(entries: list[Entry], known: KnownApp) -> list[Document]:
    documents: list[Document] = [
        entry_document(one, reveal=True) for one in explained(entries, known)
    ]
    return [{name: document[name] for name in COMPARED} for document in documents]


@pytest.mark.parametrize("path", LABELLED, ids=lambda path: path.name.removesuffix(".labels.json"))
def test_explanations_are_the_same_with_stand_ins(path: Path) -> None:
    known = app_of(labels_of(path))
    entries = recorded_entries(path.with_name(path.name.replace(".labels.", ".har.")))
    assert verdicts(stood_in(entries), known) == verdicts(entries, known)


@pytest.mark.parametrize("path", TRACES, ids=lambda path: path.name)
def test_no_secret_is_left(path: Path) -> None:
    entries = recorded_entries(path)
    for entry, safe in zip(entries, stood_in(entries), strict=True):
        line = entry_line(safe)
        for secret in secrets_of(entry):
            # A front token is no secret, and is masked elsewhere for its length alone.
            if len(secret) >= 16 and not secret.startswith("eyJ1aWQi"):
                assert essence(secret) not in line


def essence(secret: str) -> str:
    """The part of a token without which it is of no use."""
    parts = secret.split(".")
    return parts[0] if parts[-1] == "V2" else parts[-1]


def header_pairs(entry: Entry) -> list[tuple[str, str]]:
    response = entry.exchange.response
    return [(name.lower(), value) for name, value in (response.headers if response else ())]


def test_lineage_holds_among_stand_ins_as_it_held_among_the_tokens() -> None:
    stand_ins = StandIns(KEY)
    claims = {
        "sessionHandle": "h",
        "refreshTokenHash1": hash1(REFRESH),
        "parentRefreshTokenHash1": hash1(REFRESH + "1"),
        "antiCsrfToken": "6f1c0a4e-0b5d-4c62-9d3e-3a4f4f7f1c11",
    }
    changed = json.loads(stand_ins.in_hashes(json.dumps(claims)))
    assert changed["refreshTokenHash1"] == hash1(stand_ins.of(REFRESH))
    assert changed["parentRefreshTokenHash1"] not in claims.values()


def test_a_signed_token_keeps_what_it_says_and_loses_its_signature() -> None:
    token = next(
        value
        for entry in recorded_entries(TRACES[-2])
        for name, value in cookies(entry)
        if name == "sAccessToken" and value
    )
    safe = StandIns(KEY).of(token)
    before, after = parse(token), parse(safe)
    assert (before.session_handle, before.user_id) == (
        after.session_handle,
        after.user_id,
    )
    assert before.refresh_token_hash1 != after.refresh_token_hash1
    assert token.rpartition(".")[2] != safe.rpartition(".")[2]
    assert len(token) == len(safe)


def cookies(entry: Entry) -> list[tuple[str, str]]:
    pairs = [value.partition(";")[0] for name, value in header_pairs(entry) if name == "set-cookie"]
    return [(pair.partition("=")[0], pair.partition("=")[2]) for pair in pairs]


def test_stand_ins_of_one_key_agree_and_those_of_two_do_not() -> None:
    secrets = [REFRESH, "6f1c0a4e-0b5d-4c62-9d3e-3a4f4f7f1c11", "hunter2hunter2"]
    first, again, other = StandIns(KEY), StandIns(KEY), StandIns(b"x" * 32)
    for secret in secrets:
        assert first.of(secret) == again.of(secret) != other.of(secret)
        assert first.of(secret) != secret


def test_an_escaped_secret_has_the_escaped_stand_in() -> None:
    stand_ins = StandIns(KEY)
    escaped = REFRESH.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    safe = stand_ins.of(escaped)
    assert "%2B" in safe or "%2F" in safe
    assert safe.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=") == stand_ins.of(REFRESH)


@pytest.mark.parametrize("word", ["", "remove", "null", "TRUE"])
def test_what_is_no_secret_anywhere_stays(word: str) -> None:
    assert StandIns(KEY).of(word) == word


@given(st.text(max_size=60))
def test_any_text_has_a_stand_in(text: str) -> None:
    StandIns(KEY).of(text).encode("utf-8", "surrogatepass")


def message(body: bytes, mime_type: str = "application/json", path: str = "/x") -> Entry:
    """An exchange with this body on both sides."""
    entry = exchange(0, f"http://localhost{path}")
    headers = (("Content-Type", mime_type),)
    request = Request(method="POST", path=path, headers=headers, body=body)
    response = Response(status=200, headers=headers, body=body)
    both = replace(entry.exchange, request=request, response=response)
    return replace(entry, exchange=both)


PASSWORD = "correct-horse"
FRONT = urlsafe_b64encode(json.dumps({"uid": "alice", "ate": 5, "up": {}}).encode()).decode()


@pytest.mark.parametrize(
    ("body", "mime_type"),
    [
        (b'{"password": "correct-horse", "email": "a@b.c"}', "application/json"),
        (b'{"formFields":[{"id":"password","value":"correct-horse"}]}', "application/json"),
        (b'{"formFields":[{"value":"correct-horse","id":"password"}]}', "application/json"),
        (b'\n {\'x\': 1, "apiKey": "correct-horse"', "text/plain"),
        (b"email=a%40b.c&password=correct-horse&x=1", "application/x-www-form-urlencoded"),
        (b'<input name="csrf_token" type="hidden" value="correct-horse">', "text/html"),
        (
            b'--x\r\nname="password"\r\n\r\ncorrect-horse\r\n--x--',
            "multipart/form-data",
        ),
        (b"\xff\x00correct-horse", "application/octet-stream"),
    ],
)
def test_passwords_are_found_in_bodies_or_the_body_is_left_out(body: bytes, mime_type: str) -> None:
    (safe,) = stood_in([message(body, mime_type)])
    assert PASSWORD not in entry_line(safe)
    assert safe.exchange.request.body or safe.gaps == {Gap.REQUEST_BODY, Gap.RESPONSE_BODY}


def test_short_cookies_and_words_are_replaced_only_in_their_place() -> None:
    entry = exchange(
        0,
        "http://localhost/auth/session?token=abc&next=session",
        headers=(("Cookie", "kind=session; lang=en-US"), ("st-auth-mode", "cookie")),
        answer_headers=(("Set-Cookie", "kind=session; Path=/; HttpOnly"), ("front-token", FRONT)),
        answer={"status": "session"},
    )
    (safe,) = stood_in([entry])
    line = entry_line(safe)
    assert "/auth/session?token=" in safe.url
    assert "next=session" in safe.url
    assert "kind=session" not in line
    assert "; Path=/; HttpOnly" in line
    response = safe.exchange.response
    assert response is not None
    assert json.loads(response.body) == {"status": "session"}
    assert ("front-token", FRONT) in response.headers


def test_keys_and_authorization_are_replaced() -> None:
    secret = "key-of-the-core-0123456789"
    basic = "dXNlcjpwYXNzd29yZA=="
    entry = exchange(
        0,
        headers=(("api-key", secret), ("Authorization", f"Basic {basic}"), ("x-api-key", "abcd")),
        answer={"message": f"the key {secret} is wrong"},
    )
    (safe,) = stood_in([entry])
    line = entry_line(safe)
    assert secret not in line
    assert basic not in line
    assert "abcd" not in line
    assert "Basic " in line
