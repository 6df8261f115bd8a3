import json
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from loopback import Answer, Asked, Pairs, serving
from running import Outcome, run

SITE = "http://localhost:3000"
GONE = "Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax"
CLEARING: Pairs = [
    ("set-cookie", f"sAccessToken=; Path=/; {GONE}"),
    ("set-cookie", f"sRefreshToken=; Path=/auth/session/refresh; {GONE}"),
    ("st-access-token", ""),
    ("st-refresh-token", ""),
    ("front-token", "remove"),
    ("access-control-expose-headers", "front-token, st-access-token, st-refresh-token"),
    ("access-control-allow-origin", SITE),
    ("access-control-allow-credentials", "true"),
]
PREFLIGHT: Pairs = [
    ("access-control-allow-origin", SITE),
    ("access-control-allow-credentials", "true"),
    ("access-control-allow-headers", "content-type,rid,fdi-version,st-auth-mode,anti-csrf"),
    ("access-control-allow-methods", "GET,POST"),
]
REFRESH = Answer(401, CLEARING, '{"message":"unauthorised"}')
ALLOWED = Answer(204, PREFLIGHT)


def without(answer: Answer, *names: str) -> Answer:
    return replace(answer, headers=[pair for pair in answer.headers if pair[0] not in names])


def with_(answer: Answer, **changed: str) -> Answer:
    names = {name.replace("_", "-"): value for name, value in changed.items()}
    bare = without(answer, *names)
    return replace(bare, headers=[*bare.headers, *names.items()])


def cookies(answer: Answer, change: Callable[[str], str]) -> Answer:
    pairs = [(n, change(v)) if n == "set-cookie" else (n, v) for n, v in answer.headers]
    return replace(answer, headers=pairs)


def app(
    *arguments: str,
    refresh: Answer = REFRESH,
    preflight: Answer = ALLOWED,
    base: str = "/auth",
    seen: list[Asked] | None = None,
    host: str = "localhost",
) -> Outcome:
    def answer(asked: Asked) -> Answer:
        if seen is not None:
            seen.append(asked)
        if asked.path != f"{base}/session/refresh":
            return Answer(404, (), "Cannot POST")
        return preflight if asked.method == "OPTIONS" else refresh

    with serving(answer) as port:
        return run("doctor", "--app", f"http://{host}:{port}", "--json", *arguments)


def levels(outcome: Outcome) -> Mapping[str, str]:
    return {one["id"]: one["level"] for one in outcome.json["findings"]}


def told(outcome: Outcome, id_: str) -> str:
    return next(f"{one['detail']}" for one in outcome.json["findings"] if one["id"] == id_)


def failing(outcome: Outcome) -> list[str]:
    return [one["id"] for one in outcome.json["findings"] if one["level"] == "fail"]


def test_an_app_that_is_set_up_well_passes() -> None:
    seen: list[Asked] = []
    done = app("--website", SITE, seen=seen)
    assert (done.exit_status, done.json["verdict"]) == (0, "pass")
    skipped = {one for one, level in levels(done).items() if level == "skip"}
    assert skipped == {"app.fdi", "app.token-size"}
    assert done.json["core"] is None
    assert [one.method for one in seen] == ["POST", "OPTIONS"]
    assert "sRefreshToken" not in json.dumps([one.headers for one in seen])


def test_without_a_website_nothing_about_other_origins_is_judged() -> None:
    done = app()
    assert done.exit_status == 0
    assert levels(done)["app.preflight"] == "skip"
    assert levels(done)["app.cookies"] == "pass"


def test_an_app_of_the_same_origin_needs_no_cors() -> None:
    bare = without(REFRESH, "access-control-allow-origin", "access-control-expose-headers")
    with serving(lambda _: bare) as port:
        url = f"http://localhost:{port}"
        done = run("doctor", "--app", f"{url}/auth", "--website", url, "--json")
    assert (done.exit_status, levels(done)["app.exposed"]) == (0, "skip")


def test_another_base_path_is_named_and_can_be_given_with_the_address() -> None:
    wrong = app(base="/api/auth")
    assert failing(wrong) == ["app.refresh-path"]
    path = cookies(REFRESH, lambda text: text.replace("/auth/session", "/api/auth/session"))
    with serving(
        lambda asked: path if asked.path.startswith("/api/auth/") else Answer(404)
    ) as port:
        right = run("doctor", "--app", f"http://localhost:{port}/api/auth/", "--json")
    assert failing(right) == []


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(405), "405"),
        (Answer(302, [("location", "https://elsewhere/")]), "redirection to https://elsewhere/"),
        (Answer(500, (), "boom"), "boom"),
        (Answer(200, (), "<!doctype html><title>Shop</title>"), "not from an SDK"),
    ],
)
def test_what_is_no_refresh_api_is_named(answer: Answer, words: str) -> None:
    done = app(refresh=answer)
    assert failing(done) == ["app.refresh-path"]
    assert words in told(done, "app.refresh-path")


def test_an_own_handler_that_answers_without_a_mark_warns() -> None:
    done = app(refresh=Answer(401, (), '{"error":"login"}'))
    assert done.exit_status == 0
    assert levels(done)["app.refresh-path"] == "warn"
    assert levels(done)["app.cleared"] == "warn"


def test_another_status_for_expired_sessions_is_legitimate() -> None:
    done = app(refresh=replace(REFRESH, status=440))
    assert levels(done)["app.status"] == "pass"
    assert "440" in told(done, "app.status")


def test_a_proxy_that_drops_empty_headers_is_noticed() -> None:
    done = app(refresh=without(REFRESH, "st-access-token", "st-refresh-token"))
    assert levels(done)["app.empty-headers"] == "warn"
    assert done.exit_status == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: f"{text}; Domain=other.example", "does not contain"),
        (lambda text: text.replace("Lax", "None"), "without Secure"),
        (lambda text: text.replace("/auth/session/refresh", "/x"), "does not cover"),
    ],
)
def test_cookies_that_browsers_drop_or_never_send_fail(
    change: Callable[[str], str], words: str
) -> None:
    done = app(refresh=cookies(REFRESH, change))
    assert failing(done) == ["app.cookies"]
    assert words in told(done, "app.cookies")


def test_a_website_on_another_site_needs_cookies_for_other_sites() -> None:
    done = app("--website", "https://shop.example", refresh=REFRESH)
    assert "app.cookies" in failing(done)
    assert "two sites" in told(done, "app.cookies")


def test_localhost_and_its_address_are_two_sites_to_a_browser() -> None:
    done = app("--website", "http://127.0.0.1:3000")
    assert "two sites to a browser" in told(done, "app.cookies")


def test_cookies_that_scripts_can_read_warn() -> None:
    done = app(refresh=cookies(REFRESH, lambda text: text.replace(" HttpOnly;", "")))
    assert (done.exit_status, levels(done)["app.cookies"]) == (0, "warn")


@pytest.mark.parametrize(
    ("preflight", "words"),
    [
        (Answer(404), "404"),
        (without(ALLOWED, "access-control-allow-origin"), "is missing"),
        (with_(ALLOWED, access_control_allow_origin="*"), "is *"),
        (with_(ALLOWED, access_control_allow_origin="http://other"), "another origin"),
        (
            with_(ALLOWED, access_control_allow_headers="content-type, rid, fdi-version"),
            "not allowed: st-auth-mode, anti-csrf",
        ),
        (with_(ALLOWED, access_control_allow_headers="*"), "not allowed: rid"),
    ],
)
def test_a_preflight_that_a_browser_would_not_accept_fails(preflight: Answer, words: str) -> None:
    done = app("--website", SITE, preflight=preflight)
    assert failing(done) == ["app.preflight"]
    assert words in told(done, "app.preflight")


def test_answers_of_the_sdk_without_cors_headers_fail_though_the_preflight_is_fine() -> None:
    done = app("--website", SITE, refresh=without(REFRESH, "access-control-allow-origin"))
    assert failing(done) == ["app.credentials"]
    none = app("--website", SITE, refresh=without(REFRESH, "access-control-allow-credentials"))
    assert failing(none) == ["app.credentials"]


def test_headers_that_the_frontend_cannot_read_fail() -> None:
    for expose in ("*", "st-access-token"):
        answer = with_(REFRESH, access_control_expose_headers=expose)
        done = app("--website", SITE, refresh=answer)
        assert failing(done) == ["app.exposed"]
        assert "front-token" in told(done, "app.exposed")


def test_an_app_with_tokens_in_headers_needs_neither_cookies_nor_credentials() -> None:
    allowed = "authorization,content-type,rid,fdi-version,st-auth-mode,anti-csrf"
    preflight = with_(
        ALLOWED, access_control_allow_origin="*", access_control_allow_headers=allowed
    )
    refresh = with_(
        without(REFRESH, "access-control-allow-credentials"), access_control_allow_origin="*"
    )
    arguments = ("--website", "https://shop.example", "--auth-mode", "header")
    done = app(*arguments, refresh=refresh, preflight=preflight)
    assert (done.exit_status, failing(done)) == (0, [])
    assert run("doctor", "--app", "http://a", "--auth-mode", "x", "--json").error["code"] == "usage"


@pytest.mark.parametrize(("size", "level"), [(10, "pass"), (5000, "fail")])
def test_a_token_that_is_given_is_measured(size: int, level: str) -> None:
    payload = json.dumps({"roles": "r" * size})
    made = run("sessions", "create", "--user", "u", "--payload", payload, "--json")
    token = made.json["access_token"]["token"]
    done = app("--token", token)
    assert levels(done)["app.token-size"] == level
    assert token not in done.stdout + done.stderr


def test_an_app_that_is_down_fails_at_the_connection() -> None:
    done = run("doctor", "--app", "http://127.0.0.1:9", "--json")
    assert failing(done) == ["app.tcp"]
    assert done.exit_status == 3


def test_the_app_of_a_profile_is_examined_beside_its_core() -> None:
    with serving(lambda _: REFRESH) as port:
        url = f"http://localhost:{port}"
        run("profile", "add", "a", "--core", "http://127.0.0.1:9", "--app", url)
        done = run("doctor", "--profile", "a", "--json")
    assert failing(done) == ["core.tcp"]
    assert levels(done)["app.refresh-path"] == "pass"
