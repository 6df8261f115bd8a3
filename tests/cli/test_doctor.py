import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from loopback import Answer, Asked, serving, silent, untrusted_tls
from running import Outcome, run
from served import Started, core_in_foreground
from stctl.clock import FrozenClock, SystemClock

KEY = "planted-key-0123456789-abcdefghij"
JSON_TYPE = ("content-type", "application/json;charset=UTF-8")


@pytest.fixture(scope="module")
def core() -> Iterator[Started]:
    with core_in_foreground("--set", f"api_keys={KEY}") as started:
        yield started


def doctor(url: str, *arguments: str, off_ms: int = 0) -> Outcome:
    clock = FrozenClock(SystemClock().now_ms() + off_ms)
    return run("doctor", "--core", url, "--json", *arguments, clock=clock)


def levels(outcome: Outcome) -> dict[str, str]:
    return {one["id"]: one["level"] for one in outcome.json["findings"]}


def failing(outcome: Outcome) -> list[str]:
    return [one["id"] for one in outcome.json["findings"] if one["level"] == "fail"]


def finding(outcome: Outcome, id_: str) -> Any:
    return next(one for one in outcome.json["findings"] if one["id"] == id_)


def url_of(core: Started) -> str:
    return f"http://127.0.0.1:{core.port}"


def test_a_healthy_core_passes_everything_that_can_be_seen(core: Started) -> None:
    done = doctor(url_of(core), "--api-key", KEY)
    assert done.exit_status == 0
    assert done.json["verdict"] == "pass"
    assert done.json["counts"]["warn"] == 0
    skipped = {one for one, level in levels(done).items() if level == "skip"}
    assert skipped == {"core.hosts", "core.static", "core.pool"}
    assert KEY not in done.stdout + done.stderr


def test_the_embedded_core_in_process_passes_too() -> None:
    done = run("doctor", "--json", clock=FrozenClock(SystemClock().now_ms()))
    assert (done.exit_status, done.json["verdict"]) == (0, "pass")


def test_a_core_that_is_down_fails_at_the_connection_and_the_rest_is_skipped() -> None:
    done = doctor("http://127.0.0.1:9")
    assert done.exit_status == 3
    assert failing(done) == ["core.tcp"]
    assert "refused" in finding(done, "core.tcp")["detail"]
    assert done.json["counts"]["skip"] == len(done.json["findings"]) - 2


def test_an_unknown_host_fails_at_its_name() -> None:
    assert failing(doctor("http://no-such-host.invalid")) == ["core.dns"]


def test_a_wrong_key_is_told_from_a_missing_one(core: Started) -> None:
    wrong = doctor(url_of(core), "--api-key", "another-key-0123456789")
    assert failing(wrong) == ["core.key"]
    assert "refuses" in finding(wrong, "core.key")["detail"]
    assert "another-key-0123456789" not in wrong.stdout + wrong.stderr
    missing = doctor(url_of(core))
    assert failing(missing) == ["core.key"]
    assert "none is given" in finding(missing, "core.key")["detail"]


@pytest.mark.parametrize(("path", "id_"), [("/nope", "core.interface"), ("/a/b/c", "core.hello")])
def test_a_wrong_path_is_named(core: Started, path: str, id_: str) -> None:
    done = doctor(url_of(core) + path, "--api-key", KEY)
    assert failing(done) == [id_]


def test_a_clock_that_is_four_minutes_off_is_measured_both_ways(core: Started) -> None:
    ahead = doctor(url_of(core), "--api-key", KEY, off_ms=-240_000)
    assert failing(ahead) == ["core.clock"]
    assert "4 min ahead of" in finding(ahead, "core.clock")["detail"].replace("3 min 59 s", "4 min")
    behind = doctor(url_of(core), "--api-key", KEY, off_ms=240_000)
    assert failing(behind) == ["core.clock"]
    assert " behind this machine's" in finding(behind, "core.clock")["detail"]
    close = doctor(url_of(core), "--api-key", KEY, off_ms=20_000)
    assert (close.exit_status, levels(close)["core.clock"]) == (0, "warn")


def test_a_page_in_place_of_a_core_is_named() -> None:
    page = Answer(200, [("content-type", "text/html")], "<html><title>Log in</title></html>")
    with serving(lambda _: page) as port:
        done = doctor(f"http://127.0.0.1:{port}")
    assert failing(done) == ["core.hello"]
    assert "Log in" in finding(done, "core.hello")["detail"]


def test_another_service_that_says_something_else_is_no_core() -> None:
    with serving(lambda _: Answer(body="OK")) as port:
        assert failing(doctor(f"http://127.0.0.1:{port}")) == ["core.hello"]


def test_an_untrusted_certificate_fails_at_tls(tmp_path: Path) -> None:
    with serving(lambda _: Answer(body="Hello"), untrusted_tls(tmp_path)) as port:
        done = doctor(f"https://localhost:{port}")
    assert failing(done) == ["core.tls"]
    assert "not trusted" in finding(done, "core.tls")["detail"]


def test_https_to_a_port_without_tls_fails_at_tls(core: Started) -> None:
    done = doctor(f"https://127.0.0.1:{core.port}")
    assert failing(done) == ["core.tls"]
    assert "http://" in finding(done, "core.tls")["hint"]


def test_a_core_that_hangs_fails_at_its_greeting_within_the_time_limit() -> None:
    with silent() as port:
        done = doctor(f"http://127.0.0.1:{port}", "--timeout", "0.2")
    assert failing(done) == ["core.hello"]
    assert "0.2 s" in finding(done, "core.hello")["detail"]


def test_a_core_that_fails_is_named() -> None:
    with serving(lambda _: Answer(500, (), "no database")) as port:
        done = doctor(f"http://127.0.0.1:{port}")
    assert failing(done) == ["core.hello"]
    assert "no database" in finding(done, "core.hello")["detail"]


def core_of(versions: list[str], **more: Answer) -> Mapping[str, Answer]:
    return {
        "/hello": Answer(body="Hello\n"),
        "/apiversion": Answer(200, [JSON_TYPE], json.dumps({"versions": versions})),
        "/.well-known/jwks.json": Answer(
            200,
            [JSON_TYPE, ("cache-control", "max-age=3600, must-revalidate")],
            '{"keys":[{"kid":"s-1"}]}',
        ),
        **more,
    }


def canned(answers: Mapping[str, Answer]) -> Any:
    return lambda asked: answers.get(asked.path.partition("?")[0], Answer(404, (), "Not found"))


def test_a_core_too_old_for_every_sdk_is_named_with_its_versions() -> None:
    with serving(canned(core_of(["2.7", "2.8", "2.15"]))) as port:
        done = doctor(f"http://127.0.0.1:{port}")
    assert failing(done) == ["core.sdks"]
    assert "2.7 to 2.15" in finding(done, "core.sdks")["detail"]


def test_a_core_too_old_for_the_newest_sdks_warns_and_says_what_fits() -> None:
    with serving(canned(core_of(["2.21", "3.0", "3.1", "4.0", "5.0"]))) as port:
        url = f"http://127.0.0.1:{port}"
        done = doctor(url)
        fitting = doctor(url, "--sdk", "supertokens-node@16.2.1")
        other = doctor(url, "--sdk", "node@21.0")
    assert (done.exit_status, levels(done)["core.sdks"]) == (0, "warn")
    assert "node 17 to 18" in finding(done, "core.sdks")["hint"]
    assert levels(fitting)["core.sdks"] == "pass"
    assert failing(other) == ["core.sdks"]
    assert "CDI 5.2 alone" in finding(other, "core.sdks")["detail"]


def test_a_minimum_that_only_refusals_tell_is_found() -> None:
    with core_in_foreground("--set", "supertokens_min_cdi_version=5.5") as newer:
        done = doctor(url_of(newer))
    assert failing(done) == ["core.sdks"]


def test_a_key_set_that_wants_a_key_fails_for_sdks_fetch_it_without_one() -> None:
    closed = {"/.well-known/jwks.json": Answer(401, (), "log in")}
    with serving(canned({**core_of(["5.4", "3.1"]), **closed})) as port:
        done = doctor(f"http://127.0.0.1:{port}")
    assert failing(done) == ["core.keys"]
    assert levels(done)["core.clock"] == "skip"


def test_a_cache_in_front_and_a_missing_cache_header_warn() -> None:
    old = Answer(200, [JSON_TYPE, ("age", "7200")], '{"keys":[{"kid":"s-1"}]}')
    bare = Answer(200, [JSON_TYPE], '{"keys":[{"kid":"s-1"}]}')
    for answer, words in ((old, "2 h old"), (bare, "not told")):
        answers = {**core_of(["5.4", "3.1"]), "/.well-known/jwks.json": answer}
        with serving(canned(answers)) as port:
            done = doctor(f"http://127.0.0.1:{port}")
        assert done.exit_status == 0
        assert levels(done)["core.keys"] == "warn"
        assert words in finding(done, "core.keys")["detail"]


def test_settings_that_hurt_warn_and_odd_ones_pass() -> None:
    hurting = (
        "--set", "access_token_validity=30", "--set", "refresh_token_rotation_grace_period=0"
    )  # fmt: skip
    with core_in_foreground(*hurting) as started:
        done = doctor(url_of(started))
    assert done.exit_status == 0
    assert {one for one, level in levels(done).items() if level == "warn"} == {
        "core.validity",
        "core.grace",
    }
    odd = (
        "--set", "access_token_validity=120", "--set", "refresh_token_validity=15",
        "--set", "access_token_validity_jitter=0", "--set", "base_path=/st",
    )  # fmt: skip
    with core_in_foreground(*odd) as started:
        done = doctor(f"{url_of(started)}/st")
    assert done.json["verdict"] == "pass"


def test_hosts_of_two_cores_are_told_apart_and_a_host_that_is_down_is_named(
    core: Started,
) -> None:
    with core_in_foreground("--set", f"api_keys={KEY}") as other:
        done = doctor(f"{url_of(core)};{url_of(other)}", "--api-key", KEY)
    assert failing(done) == ["core.hosts"]
    one_down = doctor(f"{url_of(core)};http://127.0.0.1:9", "--api-key", KEY)
    assert failing(one_down) == ["core.tcp"]
    assert finding(one_down, "core.hosts")["level"] == "warn"


def test_only_reading_calls_are_made() -> None:
    seen: list[Asked] = []
    answer = canned(core_of(["5.4", "3.1"]))

    def note(asked: Asked) -> Answer:
        seen.append(asked)
        return answer(asked)  # type: ignore[no-any-return]

    with serving(note) as port:
        doctor(f"http://127.0.0.1:{port}")
    assert {one.method for one in seen} == {"GET"}


def test_the_screen_names_what_failed_with_a_hint_and_gathers_what_was_skipped() -> None:
    done = run("doctor", "--core", "http://127.0.0.1:9")
    assert "✗ core.tcp" in done.stdout
    assert "Does it run" in done.stdout
    assert "core.telemetry)" in done.stdout
    assert run("doctor", "--core", "http://127.0.0.1:9", "-q").stdout == "core.tcp\n"
