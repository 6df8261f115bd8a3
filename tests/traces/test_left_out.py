"""HARs out of which a browser, or somebody, took cookies and authorization."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest

from diagnosed import Entries
from explained import LABELLED, Document, app_of, labels_of
from explained import entries_of as raw_entries_of
from stctl.exchange import first_value
from stctl.traces.diagnose.rules.recordings import HeadersLeftOut
from stctl.traces.diagnose.run import diagnose
from stctl.traces.explain.explanation import Explanation
from stctl.traces.explain.known_app import KnownApp
from stctl.traces.explain.telling import told_of
from stctl.traces.model import Entry, Gap
from stctl.traces.readers import Trace, read_trace
from trace_help import Bytes, entries_of, har, har_entry

Change = Callable[[str, str], str | None]
SENSITIVE = {"cookie", "set-cookie", "authorization"}
TOKENS = SENSITIVE | {"st-access-token", "st-refresh-token", "front-token"}
THEFT = "TOKEN_THEFT_DETECTED"
THEFTS = [
    path
    for path in LABELLED
    if path.name.startswith(("theft-parent-reused", "refresh-race"))
    and ".default.cookie." in path.name
]
HEADERS = frozenset({Gap.REQUEST_HEADERS, Gap.RESPONSE_HEADERS})


def exported(name: str, value: str) -> str | None:
    """As Chrome exports it unless told otherwise."""
    return None if name in SENSITIVE else value


def replaced(mask: str) -> Change:
    def change(name: str, value: str) -> str | None:
        return mask if name in TOKENS and value != "remove" else value

    return change


def stars(name: str, value: str) -> str | None:
    """Each token a row of stars, its name and attributes as they were."""
    if name not in {"cookie", "set-cookie"}:
        return replaced("***")(name, value)
    parts = [part.partition("=") for part in value.split(";")]
    return ";".join(f"{key}{equals}{starred(key, held)}" for key, equals, held in parts)


def starred(name: str, value: str) -> str:
    is_token = name.strip() in {"sAccessToken", "sRefreshToken"}
    return "*****" if is_token and value else value


def changed(entry: dict[str, object], change: Change) -> dict[str, object]:
    made = deepcopy(entry)
    for side in (made["request"], made["response"]):
        assert isinstance(side, dict)
        side["cookies"] = []
        values = [
            (one["name"], change(one["name"].lower(), one["value"])) for one in side["headers"]
        ]
        side["headers"] = [
            {"name": name, "value": text} for name, text in values if text is not None
        ]
    return made


def trace_of(entries: Entries) -> Trace:
    return read_trace(Bytes(har(entries).encode()))


@pytest.mark.parametrize(
    "change",
    [exported, stars, replaced("[REDACTED]"), replaced("***"), replaced("[cookie redacted]")],
)
@pytest.mark.parametrize("path", THEFTS, ids=lambda path: path.name.partition(".labels")[0])
def test_a_theft_is_found_although_no_token_is_shown(path: Path, change: Change) -> None:
    entries = raw_entries_of(path)
    kept = [place for place, one in enumerate(entries) if one["_peer"] != "backend-core"]
    # Before 2022 there was one more cookie, which nothing shows either.
    known = app_of(labels_of(path), ("sdk", "sdk_version"))
    cut = [{**changed(entries[place], change), "_peer": None, "_initiator": None} for place in kept]
    told = [one for one in told_of(trace_of(cut), known) if isinstance(one, Explanation)]
    wanted = [one["index"] for one in labels_of(path)["entries"] if one["error"] == THEFT]
    assert wanted
    assert [kept[one.index] for one in told if one.error == THEFT] == wanted
    assert not any(one.error and one.evidence.status < 400 for one in told)


def test_that_something_was_taken_out_is_told_once_and_not_of_a_whole_trace() -> None:
    entries = [one for one in raw_entries_of(THEFTS[0]) if one["_peer"] != "backend-core"]
    cut = [changed(one, exported) for one in entries]
    for held, times in ((cut, 1), (entries, 0)):
        diagnosis = diagnose(told_of(trace_of(held), KnownApp()), KnownApp(), [HeadersLeftOut])
        assert [one.count for one in diagnosis.findings] == [1] * times


def test_headers_of_requests_before_the_first_proof_are_known_to_be_missing_too() -> None:
    plain = har_entry()
    answer = {"status": 200, "headers": [{"name": "front-token", "value": "eyJ1aWQiOiJhIn0="}]}
    read = entries_of(har([plain, har_entry(response=answer), plain]))
    assert [one.gaps & HEADERS for one in read] == [HEADERS] * 3


def answered(path: str, status: int, headers: dict[str, str], body: str = "{}") -> Document:
    pairs = [{"name": name, "value": value} for name, value in headers.items()]
    request = {"method": "POST", "url": f"http://a{path}", "headers": []}
    content = {"size": len(body), "text": body}
    return har_entry(
        request=request, response={"status": status, "headers": pairs, "content": content}
    )


@pytest.mark.parametrize(
    "proof",
    [
        answered("/me", 401, {}, '{"message":"try refresh token"}'),
        answered("/auth/session/refresh", 401, {}, '{"message":"token theft detected"}'),
        answered("/admin", 403, {}, '{"message":"invalid claim","claimValidationErrors":[]}'),
        answered("/auth/signout", 200, {"front-token": "remove"}),
        answered("/auth/session/refresh", 200, {"front-token": "e30=", "st-access-token": "a.b.c"}),
    ],
    ids=["try refresh token", "theft", "claim", "sign-out", "refresh"],
)
def test_an_answer_that_takes_a_token_proves_that_one_was_taken_out(
    proof: Document,
) -> None:
    assert entries_of(har([proof]))[0].gaps >= HEADERS


@pytest.mark.parametrize(
    "plain",
    [
        answered("/me", 401, {}, '{"message":"unauthorised"}'),
        answered("/auth/session/refresh", 401, {"front-token": "remove"}),
        answered("/me", 200, {"front-token": "e30=", "st-access-token": "a.b.c"}),
        answered("/me", 200, {}, '{"message":"try refresh token"}'),
    ],
    ids=["no session", "refused refresh", "login", "words"],
)
def test_an_answer_that_takes_no_token_proves_nothing(plain: Document) -> None:
    assert not entries_of(har([plain]))[0].gaps & HEADERS


@pytest.mark.parametrize("maker", ["WebInspector", "Firefox"])
@pytest.mark.parametrize("header", ["st-auth-mode", "accept"])
def test_of_chrome_it_is_enough_that_a_frontend_sdk_asked(maker: str, header: str) -> None:
    headers = [{"name": header, "value": "cookie"}]
    request = {"method": "GET", "url": "http://a/", "headers": headers}
    text = har([har_entry(request=request)]).replace('"test"', f'"{maker}"')
    is_cut = bool(entries_of(text)[0].gaps & HEADERS)
    assert is_cut == (maker == "WebInspector" and header == "st-auth-mode")
    shown = {**request, "headers": [*headers, {"name": "Cookie", "value": "a=b"}]}
    text = har([har_entry(request=request), har_entry(request=shown)])
    assert not entries_of(text.replace('"test"', f'"{maker}"'))[0].gaps & HEADERS


@pytest.mark.parametrize("name", ["Cookie", "Authorization"])
def test_where_one_header_of_the_kind_is_shown_nothing_is_missing(name: str) -> None:
    shown = har_entry(
        request={
            "method": "GET",
            "url": "http://a/",
            "headers": [{"name": name, "value": "a=b"}],
        }
    )
    answer = {"status": 200, "headers": [{"name": "front-token", "value": "eyJ1aWQiOiJhIn0="}]}
    read = entries_of(har([shown, har_entry(response=answer)]))
    assert [one.gaps & HEADERS for one in read] == [frozenset()] * 2


def cookie(value: str) -> Entry:
    headers = [{"name": "Cookie", "value": value}]
    request = {"method": "GET", "url": "http://a/", "headers": headers}
    return entries_of(har([har_entry(request=request)]))[0]


@pytest.mark.parametrize("mask", ["***", "[REDACTED]", "<masked>", "xxxxx", "…", "(removed)"])
def test_a_mask_is_no_token_and_the_other_cookies_stay(mask: str) -> None:
    entry = cookie(f"theme=dark; sAccessToken={mask}; lang=x")
    assert first_value(entry.exchange.request.headers, "cookie") == "theme=dark; lang=x"
    assert Gap.REQUEST_HEADERS in entry.gaps


@pytest.mark.parametrize("value", ["abc", "eyJraWQiOiJk.e30.c2ln", "", '""', "remove", "x.y"])
def test_what_may_be_a_value_is_no_mask(value: str) -> None:
    entry = cookie(f"csrf=***; sAccessToken={value}")
    assert (
        first_value(entry.exchange.request.headers, "cookie") == f"csrf=***; sAccessToken={value}"
    )
    assert not entry.gaps & HEADERS
