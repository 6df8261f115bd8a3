import pytest

from running import run

ERRORS = [
    "UNAUTHORISED",
    "TRY_REFRESH_TOKEN",
    "TOKEN_THEFT_DETECTED",
    "INVALID_CLAIMS",
    "CLEAR_DUPLICATE_SESSION_COOKIES",
    "GENERAL_ERROR",
]


def test_every_error_has_its_row() -> None:
    told = run("handlers")
    assert told.exit_status == 0
    rows = [line.split()[0] for line in told.stdout.splitlines()[2:]]
    assert rows == ERRORS


def test_json_has_the_default_answer_and_how_to_write_a_handler() -> None:
    document = run("handlers", "--sdk", "python@0.31.4", "--json").json
    assert document["schema"] == "stctl.handlers/1"
    by_error = {row["error"]: row for row in document["handlers"]}
    theft = by_error["TOKEN_THEFT_DETECTED"]
    assert theft["default_body"] == {"message": "token theft detected"}
    assert theft["signature"].startswith("on_token_theft_detected(request, session_handle,")
    assert theft["side_effect"] is not None
    assert by_error["GENERAL_ERROR"]["handler"] is None


@pytest.mark.parametrize("name", ["TRY_REFRESH_TOKEN", "try-refresh-token", "onTryRefreshToken"])
def test_one_error_is_shown_at_length_by_its_name_or_its_handlers(name: str) -> None:
    told = run("handlers", name, "--sdk", "node@16.0")
    assert "from 17.1 on" in told.stdout
    assert "write it as" not in told.stdout
    assert "write it as" in run("handlers", name, "--sdk", "node@17.1").stdout


def test_older_sdks_have_fewer_errors() -> None:
    rows = run("handlers", "--sdk", "node@9.3.1", "-o", "ndjson").stdout.splitlines()
    assert len(rows) == 4


def test_an_unknown_error_and_an_unknown_sdk_are_refused() -> None:
    told = run("handlers", "NONSENSE")
    assert told.exit_status == 2
    assert "UNAUTHORISED" in told.stderr
    assert run("handlers", "--sdk", "java").exit_status == 7
