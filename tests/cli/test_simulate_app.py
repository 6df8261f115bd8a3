"""`simulate --app`: a real app's own handlers, over a real network."""

import json
from pathlib import Path

import pytest

from app_stand import GOOD_LOGIN, PROTECTED, app_on_core, names_of
from explained import explain_har
from loopback import Answer, Asked, silent
from rehearsals import BusyClock
from running import run
from stctl.clock import SystemEntropy
from stctl.recipe.failures import HandlerName
from stctl.traces.explain.known_app import KnownApp


def careless(response: object) -> None:
    """A theft handler that answers nicely and leaves the session alive."""
    response.status, response.body = 423, {"app": "this account is at risk"}  # type: ignore[attr-defined]


def careful(session_handle: str, response: object) -> None:
    """A theft handler that ends the session and answers in its own way."""
    response.revoke_session(session_handle)  # type: ignore[attr-defined]
    response.status, response.body = 423, {"code": "stolen"}  # type: ignore[attr-defined]


KEYS_NEEDED = (
    "it needs a core with the setting access_token_dynamic_signing_key_update_interval, "
    "access_token_validity, which cannot be set from here"
)
THEFT = HandlerName.ON_TOKEN_THEFT_DETECTED


def test_everything_that_can_be_played_ends_as_promised_with_default_handlers() -> None:
    clock = BusyClock()
    with app_on_core() as app:
        outcome = app.with_core("all", "--json", clock=clock)
    assert outcome.exit_status == 0, outcome.stderr
    cases = outcome.json["cases"]
    assert len(names_of(cases, "as_promised")) == 37
    skipped = {case["reason"].split(":")[0] for case in cases if case["outcome"] == "skipped"}
    assert skipped == {
        "it needs an app whose SDK speaks CDI 5.6 or newer",
        "it would really take 101 d",
        "it needs an app with anti-CSRF VIA_TOKEN",
        "it needs an app with anti-CSRF VIA_CUSTOM_HEADER",
        "what happens between the app and its core cannot be played from outside",
        "the app would have to be started again",
        "it needs a core with the setting api_keys, which cannot be set from here",
        "it would make a user in the app's core",
        "it needs an app with olderCookieDomain",
        KEYS_NEEDED,
    }
    assert clock.waited_ms == [2000, 5000, 31_000, 2000]
    assert outcome.json["target"] == app.url
    assert outcome.json["core"] == app.core
    assert outcome.json["sdk"] is None
    kinds = {step["handler_kind"] for step in outcome.json["steps"] if "handler_kind" in step}
    assert kinds == {"default", "none", "framework"}


def test_the_target_and_its_core_are_told_before_anything_is_written() -> None:
    with app_on_core() as app:
        outcome = app.with_core("theft", "--case", "thief-comes-late", "-q")
    first, *_, last = outcome.stderr.splitlines()
    assert first == (
        f"· Playing against {app.url}: its own handlers fire. Sessions of test users are made in "
        f"its core, {app.core}, and removed there at the end"
    )
    assert last == "· Removed what was left of one session"


def test_a_handler_that_lets_a_stolen_session_live_fails_the_case() -> None:
    with app_on_core({THEFT: careless}) as app:
        outcome = app.with_core("theft", "--json")
    assert outcome.exit_status == 3
    cases = {case["name"]: case for case in outcome.json["cases"]}
    assert cases["thief-comes-late"]["reason"] == (
        "in step 5 (replay) the session is still alive in the core: onTokenTheftDetected did not "
        "revoke it"
    )
    replay = next(step for step in outcome.json["steps"] if step["name"] == "replay")
    assert (replay["error"], replay["handler"], replay["handler_kind"]) == (
        "TOKEN_THEFT_DETECTED",
        "onTokenTheftDetected",
        "custom",
    )
    assert replay["session_in_core"] == "alive"
    assert replay["clears_session"]


def test_without_a_core_a_later_refresh_gives_the_living_session_away() -> None:
    with app_on_core({THEFT: careless}) as app:
        outcome = app.simulate(
            "theft", "--case", "thief-comes-late", *GOOD_LOGIN, *PROTECTED, "--json"
        )
    assert outcome.exit_status == 3
    assert outcome.json["cases"][0]["reason"] == (
        "in step 7 (logged-out) the session is still alive: it was refreshed after its theft had "
        "been detected"
    )
    replay = next(step for step in outcome.json["steps"] if step["name"] == "replay")
    assert replay["session_in_core"] == "not asked"
    assert "its core is not known here, so they are left behind" in outcome.stderr


def test_a_custom_handler_that_does_its_work_keeps_the_promise(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    with app_on_core({THEFT: careful}) as app:
        outcome = app.with_core(
            "theft", "--expect-status", "423", "--expect-body", '{"code": "stolen"}',
            "--junit", str(report), "--json",
        )  # fmt: skip
    assert outcome.exit_status == 0
    assert names_of(outcome.json["cases"], "as_promised") == {
        "thief-comes-late",
        "thief-comes-first",
        "sibling",
        "child-of-a-lost-reply",
    }
    told = report.read_text("utf-8")
    assert f'<property name="target" value="{app.url}"/>' in told
    assert f'<property name="core" value="{app.core}"/>' in told
    assert 'failures="0"' in told


def test_another_status_than_is_wished_for_fails_the_case() -> None:
    with app_on_core({THEFT: careful}) as app:
        outcome = app.with_core("theft", "--case", "sibling", "--expect-status", "401")
    assert outcome.exit_status == 3
    assert "it answered 423, not 401, which is wished for" in outcome.stdout


def test_tokens_that_an_answer_does_not_clear_fail_the_case() -> None:
    def keep(_: Asked, answer: Answer) -> Answer:
        kept = [pair for pair in answer.headers if pair != ("front-token", "remove")]
        return Answer(status=answer.status, headers=kept, body=answer.body)

    with app_on_core(spoil=keep) as app:
        outcome = app.with_core("unauthorised", "--case", "refresh-garbage")
    assert outcome.exit_status == 3
    assert "it did not clear the tokens" in outcome.stdout


def test_the_written_trace_is_explained_as_the_run_told_it(tmp_path: Path) -> None:
    trace = tmp_path / "app.har"
    with app_on_core({THEFT: careful}) as app:
        outcome = app.with_core("all", "--json", "--har", str(trace))
    entries = json.loads(trace.read_text("utf-8"))["log"]["entries"]
    assert {entry["request"]["url"].split("/", 3)[2] for entry in entries} == {app.url[7:]}
    told = explain_har(entries, KnownApp(claim_routes=("/admin",)))
    steps = [step for step in outcome.json["steps"] if "request" in step]
    keys = ("step", "error", "handler", "handler_kind", "status", "cleared", "set")
    for at, step in enumerate(steps):
        explained = {key: told[at][key] for key in keys}
        assert explained == {key: step[key] for key in keys}, (step["case"], step["name"])


def test_header_mode_is_played_too() -> None:
    with app_on_core() as app:
        outcome = app.with_core("theft", "--transfer", "header", "--case", "sibling", "--json")
        assert outcome.exit_status == 0
    sent = [asked.headers for asked in app.asked]
    assert all("cookie" not in headers for headers in sent)
    assert {headers["st-auth-mode"] for headers in sent} == {"header"}
    assert all(headers["authorization"].startswith("Bearer ") for headers in sent)


def test_the_app_is_asked_as_a_browser_with_the_frontend_sdk_asks() -> None:
    with app_on_core() as app:
        app.with_core("race", "--case", "under-a-lock")
    calls = [(asked.method, asked.path, asked.headers["rid"]) for asked in app.asked]
    assert calls == [
        ("GET", "/protected", "anti-csrf"),
        ("POST", "/auth/session/refresh", "session"),
        ("POST", "/auth/session/refresh", "session"),
        ("GET", "/protected", "anti-csrf"),
        ("POST", "/auth/session/refresh", "session"),
    ]
    assert [asked.headers.get("fdi-version", "")[:5] for asked in app.asked] == [
        "", "1.16,", "1.16,", "", "1.16,",
    ]  # fmt: skip


def test_of_a_user_only_the_sessions_that_were_made_here_are_revoked() -> None:
    with app_on_core() as app:
        made = run("sessions", "create", "--user", "alice-of-flesh", "--core", app.core)
        assert made.exit_status == 0, made.stderr
        outcome = app.with_core(
            "unauthorised", "--case", "refresh-revoked", "--user", "alice-of-flesh"
        )
        assert outcome.exit_status == 0
        left = run(
            "sessions",
            "list",
            "--user",
            "alice-of-flesh",
            "--core",
            app.core,
            "-q",
            clock=BusyClock(),
        )
    assert len(left.stdout.split()) == 1


def test_users_sign_in_by_name_with_a_login_that_takes_one() -> None:
    with app_on_core() as app:
        case = ("user-switch-device", "--case", "other-user-same-browser")
        named = app.simulate(*case, *GOOD_LOGIN, *PROTECTED)
        bodies = [json.loads(asked.body)["user"] for asked in app.asked if asked.path == "/login"]
        fixed = app.simulate(
            *case, "--login", "/login", "--login-body", '{"user": "tom"}', *PROTECTED, "--json"
        )
        few = app.simulate(*case, *GOOD_LOGIN, "--user", "tom", *PROTECTED, "--json")
    assert named.exit_status == 0
    assert bodies == ["stctl-alice", "stctl-alice", "stctl-bob"]
    assert fixed.json["cases"][0]["reason"] == (
        "it needs 2 users: {user} in the login stands for each"
    )
    assert few.json["cases"][0]["reason"] == "it needs 2 users: give --user as often"
    assert few.exit_status == 3


def test_a_login_has_the_headers_and_the_kind_of_body_that_were_given() -> None:
    with app_on_core() as app:
        app.simulate(
            "race", "--case", "under-a-lock", *GOOD_LOGIN, *PROTECTED,
            "--login-header", "X-Tenant: t-{user}", "--user", "tom",
        )  # fmt: skip
    login = next(asked for asked in app.asked if asked.path == "/login")
    assert login.headers["x-tenant"] == "t-tom"
    assert login.headers["content-type"] == "application/json"
    assert login.body == b'{"user": "tom"}'


def test_an_access_token_that_lives_long_is_told_with_what_would_help() -> None:
    with app_on_core() as app:
        outcome = app.simulate(
            "try-refresh-token", "--case", "expired", *GOOD_LOGIN, *PROTECTED, "--json"
        )
    (case,) = outcome.json["cases"]
    assert case["outcome"] == "skipped"
    assert case["reason"].startswith("its access token lives for another ")
    assert case["reason"].endswith(
        ": give --core with CDI 5.6, or a core with a short access_token_validity"
    )


def test_what_needs_the_core_is_left_out_without_one() -> None:
    with app_on_core() as app:
        outcome = app.simulate("unauthorised", *GOOD_LOGIN, *PROTECTED, "--json")
    reasons = {case["name"]: case["reason"] for case in outcome.json["cases"]}
    assert reasons["refresh-revoked"] == "it needs somebody to act at the app's core: --core URL"
    assert reasons["no-token"] is None
    assert outcome.exit_status == 0


@pytest.mark.parametrize(
    ("arguments", "detail", "hint"),
    [
        (
            ["--protected", "GET /nowhere"],
            "the app has no such route (HTTP 404)",
            "--protected 'GET /path' names a route that needs a session",
        ),
        (
            ["--api-base-path", "/api", *PROTECTED],
            "POST /api/session/refresh at",
            "--api-base-path is the apiBasePath of the app",
        ),
        ([*PROTECTED, "--login", "POST /open"], "makes no session: HTTP 200", "--login-body"),
    ],
)
def test_an_app_that_does_not_answer_as_it_should_is_told_at_once(
    arguments: list[str], detail: str, hint: str
) -> None:
    login = [] if "--login" in arguments else GOOD_LOGIN
    with app_on_core() as app:
        outcome = app.simulate("theft", *login, *arguments, "--json")
    assert outcome.exit_status == 23
    assert outcome.error["code"] == "app-unfit"
    assert detail in outcome.error["message"]
    assert hint in outcome.error["hint"]


def test_an_app_of_another_core_is_told_at_once() -> None:
    with app_on_core() as app, app_of_another_core() as other:
        made_there = run(
            "simulate", "theft", "--app", app.url, "--core", other, *PROTECTED, "--json",
            clock=BusyClock(),
        )  # fmt: skip
        made_here = run(
            "simulate", "theft", "--app", app.url, "--core", other, *GOOD_LOGIN, *PROTECTED,
            "--json", clock=BusyClock(),
        )  # fmt: skip
    assert made_there.error["code"] == "app-unfit"
    assert "does not take the session: HTTP 401" in made_there.error["message"]
    assert "another core" in made_there.error["hint"]
    assert made_here.error["code"] == "app-unfit"
    assert "is not in the core" in made_here.error["message"]


def app_of_another_core() -> "Served":
    return Served()


class Served:
    """A core that knows nothing of the app."""

    def __enter__(self) -> str:
        from loopback import serving
        from rehearsals import fresh_transport_for

        transport = fresh_transport_for({})

        def answer(asked: Asked) -> Answer:
            from urllib.parse import parse_qsl, urlsplit

            parts = urlsplit(asked.path)
            reply = transport.send(
                asked.method,
                parts.path,
                query=parse_qsl(parts.query),
                headers=[*asked.headers.items()],
                body=asked.body,
            )
            return Answer(status=reply.status, headers=reply.headers, body=reply.body)

        self._open = serving(answer)
        return f"http://127.0.0.1:{self._open.__enter__()}"

    def __exit__(self, *problem: object) -> None:
        self._open.__exit__(None, None, None)


def redirecting(asked: Asked, answer: Answer) -> Answer:
    if asked.path == "/protected":
        return Answer(status=302, headers=[("location", "/signin?back=1")], body="")
    return answer


def page(asked: Asked, answer: Answer) -> Answer:
    if asked.path.endswith("/session/refresh"):
        return Answer(status=200, headers=[("content-type", "text/html")], body="<html>Hi</html>")
    return answer


@pytest.mark.parametrize(
    ("spoil", "detail"),
    [
        (redirecting, "redirects to /signin?back=1 (HTTP 302)"),
        (page, "brings no new tokens: HTTP 200 a web page"),
    ],
)
def test_what_stands_before_an_app_is_told_at_once(spoil: object, detail: str) -> None:
    with app_on_core(spoil=spoil) as app:  # type: ignore[arg-type] # one of two functions
        outcome = app.with_core("theft", "--json")
    assert outcome.exit_status == 23
    assert detail in outcome.error["message"]


def test_an_app_that_is_not_there_is_told() -> None:
    with app_on_core() as app:
        url = "http://127.0.0.1:9"
        refused = run("simulate", "theft", "--app", url, "--core", app.core, *PROTECTED, "--json")
        assert (refused.exit_status, refused.error["code"]) == (22, "app-down")
        assert "connection refused" in refused.error["message"]
        with silent() as port:
            slow = run(
                "simulate", "theft", "--app", f"http://127.0.0.1:{port}", "--core", app.core,
                "--timeout", "0.2", "--json",
            )  # fmt: skip
    assert slow.error["code"] == "app-down"
    assert "no whole answer within 0.2 s" in slow.error["message"]


@pytest.mark.parametrize(
    ("arguments", "detail"),
    [
        (["theft", "--protected", "GET /x"], "--protected is about an app: give --app URL"),
        (["theft", "--app", "http://a"], "--app needs a way to a session of a test user"),
        (
            ["theft", "--app", "http://a", "--login", "/l", "--handlers", "h.py"],
            "--handlers is for the rehearsed backend; an app has its own handlers",
        ),
        (
            ["theft", "--app", "http://a", "--login", "/l", "--set", "access_token_validity=9"],
            "--set access_token_validity is a setting of the embedded core",
        ),
        (
            ["theft", "--app", "http://a", "--core", "http://b", "--route", "nowhere=/x"],
            "--route takes NAME='GET /path', not 'nowhere=/x'",
        ),
        (
            ["theft", "--app", "http://a", "--core", "http://b", "--protected", "GET x"],
            "--protected takes a method and a path, not 'GET x'",
        ),
        (
            ["theft", "--app", "http://a", "--core", "http://b", "--login-body", "{}"],
            "--login-body says nothing without --login",
        ),
        (
            ["theft", "--app", "http://a", "--login", "/l", "--login-header", "x"],
            "--login-header takes a name and a value, parted by a colon",
        ),
        (["theft", "--app", "http://a;http://b", "--login", "/l"], "--app takes one address."),
    ],
)
def test_options_that_do_not_go_together_are_refused(arguments: list[str], detail: str) -> None:
    outcome = run("simulate", *arguments, "--json")
    assert outcome.exit_status == 2
    assert outcome.error["message"].startswith(detail)


def test_what_stctl_toml_says_of_the_app_is_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = '[app]\nsdk = "supertokens-python"\nanti_csrf = "VIA_TOKEN"\napi_base_path = "/auth"\n'
    (tmp_path / "stctl.toml").write_text(said)
    from stctl.recipe.config import AntiCsrf, AppConfig

    with app_on_core(config=AppConfig(anti_csrf=AntiCsrf.VIA_TOKEN)) as app:
        outcome = app.with_core("try-refresh-token", "--case", "missing-anti-csrf", "--json")
    assert outcome.exit_status == 0, outcome.stderr
    (case,) = outcome.json["cases"]
    assert (case["outcome"], case["anti_csrf"]) == ("as_promised", "VIA_TOKEN")
    assert outcome.json["sdk"] == "supertokens-python"


def test_a_scenario_of_one_s_own_calls_the_app_s_own_routes(
    tmp_path: Path,
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        'doc = "Mine."\n[[case]]\nname = "one"\ndoc = "One."\n'
        '[[case.step]]\nname = "login"\ndoes = "log-in"\nsays = "In."\n'
        '[[case.step]]\nname = "call"\ndoes = "call"\npath = "/open"\nsays = "Open."\n'
        'expect = { error = "none" }\npromise = true\n'
    )
    with app_on_core() as app:
        outcome = app.simulate(
            "run", str(file), "--core", app.core, *PROTECTED, "--route=open=/open"
        )
    assert outcome.exit_status == 0, outcome.stdout
    assert [asked.path for asked in app.asked][-1] == "/open"


def test_a_route_that_asks_for_no_session_is_suspected() -> None:
    with app_on_core() as app:
        outcome = app.simulate(
            "unauthorised", "--case", "no-token", "--core", app.core, "--protected", "/open"
        )
    assert outcome.exit_status == 3
    assert (
        "it raised no error, not UNAUTHORISED; does GET /open ask for a session at all?"
        in outcome.stdout
    )


def gateway(asked: Asked, answer: Answer) -> Answer:
    """A proxy that gives up on refusals, before a framework that says what it does not have."""
    if asked.path == "/nowhere":
        return Answer(status=404, body='{"detail": "Not Found"}')
    if answer.status == 401:
        return Answer(
            status=502, headers=[("content-type", "text/html")], body="<h1>Bad Gateway</h1>"
        )
    return answer


def test_what_answers_in_place_of_the_app_is_named() -> None:
    with app_on_core(spoil=gateway) as app:
        proxied = app.with_core("unauthorised", "--case", "refresh-garbage", "--json")
        missing = app.simulate(
            "general-error", "--case", "app-exception", "--core", app.core, *PROTECTED,
            "--route", "crash=/nowhere", "--json",
        )  # fmt: skip
    assert proxied.json["cases"][0]["reason"] == (
        "in step 3 (refresh) something in front of the app answered: HTTP 502"
    )
    assert missing.json["cases"][0]["reason"] == (
        "in step 2 (crash) the app has no such route: HTTP 404"
    )


def test_a_profile_names_the_core_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with app_on_core() as app:
        assert run("profile", "add", "staging", "--core", app.core).exit_status == 0
        case = ("race", "--case", "under-a-lock", "--profile", "staging", "--json")
        on_app = app.simulate(*case, *PROTECTED)
        on_core = run("simulate", *case, clock=BusyClock(), entropy=SystemEntropy())
    assert (on_app.exit_status, on_app.json["core"]) == (0, app.core)
    assert (on_core.exit_status, on_core.json["target"]) == (0, app.core)


def test_no_token_is_shown() -> None:
    with app_on_core() as app:
        outcome = app.with_core("theft", "--case", "sibling")
        shown = outcome.stdout + outcome.stderr
    cookies = "; ".join(asked.headers.get("cookie", "") for asked in app.asked)
    sent = {value for piece in cookies.split("; ") if (value := piece.partition("=")[2])}
    assert len(sent) > 3
    assert not any(value in shown for value in sent)
