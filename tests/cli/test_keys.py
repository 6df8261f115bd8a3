import json
from pathlib import Path

from running import run
from served import core_in_foreground

KEY_SET = {"keys": [{"kid": "s-1", "kty": "RSA"}, {"kid": "d-1700000000000", "kty": "RSA"}]}


def test_the_keys_of_a_fresh_core_are_told_with_the_next_rotation() -> None:
    found = run("keys", "list", "--db", "x.sqlite3", "--json").json
    kinds = [(one["kind"], one["role"]) for one in found["keys"]]
    assert kinds == [("dynamic", "signs"), ("static", "signs")]
    assert found["interval_ms"] == 168 * 3_600_000
    assert found["next_key_at_ms"] > found["now_ms"]
    assert found["signs"] == found["keys"][0]["kid"]
    shown = run("keys", "list", "--db", "x.sqlite3").stdout
    assert "signs session tokens" in shown
    assert "7 d" in shown


def test_the_keys_of_a_served_core_are_told() -> None:
    with core_in_foreground() as core:
        url = f"http://127.0.0.1:{core.port}"
        found = run("keys", "list", "--core", url, "-q")
    assert [kid[:2] for kid in found.stdout.split()] == ["d-", "s-"]


def test_a_key_set_in_a_file_is_told_without_a_core_and_without_a_rotation() -> None:
    Path("keys.json").write_text(json.dumps(KEY_SET))
    found = run("keys", "list", "--jwks", "keys.json", "--json").json
    assert [one["kid"] for one in found["keys"]] == ["d-1700000000000", "s-1"]
    assert found["max_age_s"] is None
    Path("keys.json").write_text('{"keys": 5}')
    done = run("keys", "list", "--jwks", "keys.json", "--json")
    assert done.error["code"] == "input-unreadable"


def test_watching_prints_each_look_that_differs_and_ends_after_a_count() -> None:
    done = run(
        "keys", "watch", "--db", "x.sqlite3", "--count", "5", "--every", "1h", "-o", "ndjson"
    )
    assert [json.loads(line)["kind"] for line in done.stdout.splitlines()] == ["first-look"]
    days = run("keys", "watch", "--db", "x.sqlite3", "--count", "30", "--every", "12h", "--json")
    kinds = [one["kind"] for one in days.json["changes"]]
    assert kinds[:3] == ["first-look", "published", "signer"]


def test_a_core_without_published_settings_is_told_honestly_and_one_with_them_by_its_own() -> None:
    found = run("core", "config", "--db", "x.sqlite3", "--json").json
    names = {one["name"]: one["value"] for one in found["settings"]}
    assert names["access_token_validity"] == 3600
    assert found["is_published"] is (found["refusal"] is None)
    assert "recent_token_reuse_behaviour" in found["never_told"]


def test_the_load_of_a_core_is_drawn_and_counted() -> None:
    with core_in_foreground() as core:
        url = f"http://127.0.0.1:{core.port}"
        first = run("core", "stats", "--core", url)
        assert first.exit_status == 0
        found = run("core", "stats", "--core", url, "--json").json
    assert len(found["average_per_second"]) == 1440
    assert found["minutes_with_data"] <= 1
