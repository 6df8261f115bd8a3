import os
from collections.abc import Iterator

import pytest

from core_stand import Stand, open_stand, read
from stctl.exchange import Request, first_value

_KEY = "a-key-of-twenty-or-more"
_SECRET = "a-secret-of-forty-or-more-characters-xxxxx"


@pytest.fixture
def stand() -> Iterator[Stand]:
    with open_stand() as stand:
        yield stand


def _status(stand: Stand, method: str, path: str, **headers: str) -> int:
    pairs = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return stand.core.answer(Request(method=method, path=path, headers=pairs)).status


def test_hello_is_text_that_calls_itself_html(stand: Stand) -> None:
    answer = stand.ask("GET", "/hello")
    assert answer.body == b"Hello\n"
    assert first_value(answer.headers, "content-type") == "text/html;charset=UTF-8"


def test_an_outcome_is_json_with_a_line_break(stand: Stand) -> None:
    answer = stand.ask("GET", "/recipe/session", sessionHandle="nope")
    assert answer.body.endswith(b"}\n")
    assert first_value(answer.headers, "content-type") == "application/json;charset=UTF-8"


@pytest.mark.parametrize(
    ("method", "status", "page"),
    [
        ("PUT", 405, False),
        ("DELETE", 405, False),
        ("OPTIONS", 405, False),
        ("PATCH", 405, True),
        ("TRACE", 405, True),
        ("FOO", 501, True),
    ],
)
def test_a_method_that_a_path_does_not_have_is_refused(
    stand: Stand, method: str, status: int, page: bool
) -> None:
    answer = stand.ask(method, "/recipe/session")
    assert answer.status == status
    assert answer.body.startswith(b"<!doctype html>") is page


def test_head_has_no_body(stand: Stand) -> None:
    assert stand.ask("HEAD", "/recipe/session").body == b""
    assert stand.ask("HEAD", "/recipe/session").status == 405


def test_the_first_of_repeated_headers_counts(stand: Stand) -> None:
    headers = [("CDI-Version", "9.9"), ("cdi-version", "5.4")]
    assert stand.core.answer(Request(method="GET", path="/hello", headers=headers)).status == 400


def test_an_old_caller_knows_no_tenants_whatever_else_is_wrong(stand: Stand) -> None:
    assert stand.speaking("2.21").ask("GET", "/t1/recipe/session").status == 404
    assert stand.speaking("1.0").ask("GET", "/t1/recipe/session").status == 404
    assert stand.speaking("1.0").ask("GET", "/recipe/session").status == 400


def test_what_goes_wrong_inside_is_an_answer() -> None:
    with open_stand() as stand:
        stand.core.close()
        assert stand.ask("GET", "/recipe/session/user", userId="u1").status == 500
        assert stand.ask("GET", "/hello").status == 500


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"api_key": "wrong"}, 401),
        ({"api_key": _KEY}, 200),
        ({"api_key": f"  {_KEY} "}, 200),
        ({"api_key": _SECRET}, 200),
        ({"authorization": f"Bearer {_KEY}"}, 200),
        ({"authorization": f"bEARER   {_KEY}"}, 200),
        ({"authorization": _KEY}, 200),
        ({"authorization": "Bearer wrong"}, 401),
        ({"api_key": "wrong", "authorization": f"Bearer {_KEY}"}, 401),
    ],
)
def test_a_configured_key_is_asked_for(headers: dict[str, str], status: int) -> None:
    with open_stand(api_keys=frozenset({_KEY}), supertokens_saas_secret=_SECRET) as stand:
        assert _status(stand, "GET", "/apiversion", **headers) == status


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/hello", 200),
        ("/", 200),
        ("/config", 400),
        ("/.well-known/jwks.json", 200),
        ("/nope/nope", 404),
        ("/appid-nosuch/recipe/session", 400),
    ],
)
def test_some_paths_ask_for_no_key(path: str, status: int) -> None:
    with open_stand(api_keys=frozenset({_KEY})) as stand:
        assert _status(stand, "GET", path) == status


@pytest.mark.parametrize(
    ("allow", "deny", "admitted"),
    [
        (None, None, True),
        (None, r"127\..*", False),
        (None, r"10\..*", True),
        (r"127\..*", None, True),
        (r"10\..*", None, False),
        (r"127\..*", r"127\..*", False),
        (r"127\..*", r"10\..*", True),
        (r"10\..*", r"192\..*", False),
        (None, r"127", True),
    ],
)
def test_addresses_are_admitted_by_the_whole_of_them(
    allow: str | None, deny: str | None, admitted: bool
) -> None:
    with open_stand(ip_allow_regex=allow, ip_deny_regex=deny) as stand:
        answer = stand.ask("GET", "/hello")
        assert answer.status == (200 if admitted else 403)
        assert admitted or b"<html" in answer.body


def test_only_what_is_below_the_base_path_reaches_the_core() -> None:
    with open_stand(base_path="/a/b") as stand:
        assert stand.ask("GET", "/a/b/hello").status == 200
        assert stand.ask("GET", "//a//b//hello").status == 200
        for path in ("/hello", "/A/b/hello", "/a/bc/hello", "/"):
            answer = stand.ask("GET", path)
            assert answer.status == 404
            assert b"<html" in answer.body
        bare = stand.ask("GET", "/a/b")
        assert (bare.status, first_value(bare.headers, "location")) == (302, "/a/b/")


@pytest.mark.parametrize(
    ("content_type", "user_id"),
    [
        ("application/json; charset=utf-8", "\u00fc"),
        ('text/plain; charset="UTF-8"', "\u00fc"),
        ("application/json", "\u00c3\u00bc"),
        ("", "\u00c3\u00bc"),
        ("application/json; charset=iso-8859-1", "\u00c3\u00bc"),
    ],
)
def test_the_charset_decides_how_a_body_is_read(
    stand: Stand, content_type: str, user_id: str
) -> None:
    body = '{"userId":"\u00fc","userDataInJWT":{},"userDataInDatabase":{},"enableAntiCsrf":false}'
    answer = stand.core.answer(
        Request(
            method="POST",
            path="/recipe/session",
            headers=[("content-type", content_type)],
            body=body.encode(),
        )
    )
    assert read(answer)["session"]["userId"] == user_id


@pytest.mark.parametrize("charset", ["nope", "base64", "rot13", ""])
def test_an_unknown_charset_fails(stand: Stand, charset: str) -> None:
    headers = [("content-type", f"application/json; charset={charset}")]
    request = Request(method="POST", path="/recipe/session", headers=headers, body=b"{}")
    assert stand.core.answer(request).status == 500


def test_the_configuration_is_named_to_whoever_knows_the_process(stand: Stand) -> None:
    assert stand.get("/config", pid="0") == {"status": "NOT_ALLOWED"}
    assert stand.get("/config", pid=str(os.getpid())) == {"status": "OK", "path": ""}
    assert stand.ask("GET", "/t1/config", pid="0").status == 400


def test_the_key_set_may_be_cached_until_the_next_key_is_due(stand: Stand) -> None:
    answer = stand.ask("GET", "/.well-known/jwks.json")
    week_s = 7 * 24 * 3600
    cache = f"max-age={week_s - 60}, must-revalidate"
    assert first_value(answer.headers, "cache-control") == cache
    kids = [key["kid"] for key in read(answer)["keys"]]
    assert [kid[:2] for kid in kids] == ["d-", "s-"]


def test_domains_that_a_backend_names_are_kept(stand: Stand) -> None:
    stand.get("/apiversion", websiteDomain="https://w.example", apiDomain="https://a.example")
    rows = stand.core.parts.database.read(
        "SELECT name, value FROM key_value WHERE name LIKE '%Domain' ORDER BY name"
    )
    assert rows == [
        ("apiDomain", "https://a.example"),
        ("websiteDomain", "https://w.example"),
    ]


def test_active_users_are_counted_by_days(stand: Stand) -> None:
    stand.create("u1")
    stand.clock.wait_ms(3 * 86_400_000)
    stand.create("u2")
    flags = stand.get("/ee/featureflag")
    assert flags["usageStats"]["maus"] == [1, 1, *[2] * 29]
    with open_stand(paid_features=False) as without:
        assert without.get("/ee/featureflag") == {
            "status": "OK",
            "features": [],
            "usageStats": {},
        }
