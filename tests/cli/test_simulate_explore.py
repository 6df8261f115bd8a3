from pathlib import Path

from running import Outcome, run
from stctl.clock import SystemEntropy


def explore(*arguments: str) -> Outcome:
    return run("simulate", "explore", *arguments, entropy=SystemEntropy())


def test_numbers_and_the_shortest_schedule_of_each_kind_are_shown() -> None:
    outcome = explore("--tabs", "2", "--losses", "1")
    assert outcome.exit_status == 0
    screen = outcome.stdout
    for told in (
        "schedules  false alarms  states  core calls  seconds",
        "CDI 5.5: SIBLING_REUSED",
        "CDI 5.6, grace 30 s: ORPHANED_BRANCH",
        "6  tab 2 refreshes",
        "under CDI 5.6, grace 30 s: the session goes on",
    ):
        assert told in screen


def test_the_document_has_counts_and_schedules() -> None:
    document = explore("--json", "--grace", "5").json
    assert document["schema"] == "stctl.exploration/1"
    assert [one["rules"] for one in document["rules"]] == ["CDI 5.5", "CDI 5.6, grace 5 s"]
    assert document["delay_s"] == 6
    legacy = document["rules"][0]
    assert legacy["grace_s"] is None
    assert legacy["false_alarms"] == sum(legacy["alarms"].values()) > 0
    first = document["found"][0]
    assert (first["case"], first["kind"]) == ("legacy-sibling-reused", "SIBLING_REUSED")
    assert first["schedule"][0] == "tab 1 refreshes"
    assert [one["rules"] for one in first["under_other_rules"]] == ["CDI 5.6, grace 5 s"]
    assert document["seed"] is None


def test_what_is_kept_can_be_run(tmp_path: Path) -> None:
    file = tmp_path / "found.toml"
    outcome = explore("--depth", "6", "--keep", str(file), "-q")
    assert f"stctl simulate run {file}" in outcome.stderr
    for cdi in ("5.5", "5.6"):
        ran = run("simulate", "run", str(file), "--cdi", cdi, "--json", entropy=SystemEntropy())
        assert ran.exit_status == 0, ran.json["cases"]


def test_nothing_to_keep_is_said(tmp_path: Path) -> None:
    outcome = explore("--depth", "1", "--keep", str(tmp_path / "found.toml"))
    assert outcome.exit_status == 3
    assert "no schedule within these bounds ends in a false alarm" in outcome.stdout


def test_the_seed_of_the_walks_is_told_and_repeats_them() -> None:
    first = explore("--walks", "50", "--json").json
    again = explore("--walks", "50", "--seed", str(first["seed"]), "--json").json
    walks = [[one["sampled"] for one in told["rules"]] for told in (first, again)]
    assert walks[0] == walks[1]
    assert walks[0][0]["depth"] == 32
    assert f"seed {first['seed']}" in explore("--walks", "50", "--seed", str(first["seed"])).stdout
