import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from stctl.core.logs import LOG, logging_each, open_logs
from stctl.core.settings import CoreSettings
from stctl.errors import ErrorKind, StctlError
from stctl.exchange import Request, Response

TOKEN = f"{'a' * 40}.{'b' * 40}.{'c' * 40}"


@pytest.fixture(autouse=True)
def _logger_as_it_was() -> Iterator[None]:
    before = (LOG.propagate, LOG.level, list(LOG.handlers))
    yield
    for handler in LOG.handlers:
        if handler not in before[2]:
            handler.close()
    LOG.propagate, LOG.handlers = before[0], before[2]
    LOG.setLevel(before[1])


def logs(folder: Path, level: str) -> tuple[Path, Path]:
    info, error = folder / "a" / "info.log", folder / "b" / "error.log"
    open_logs(CoreSettings(log_level=level, info_log_path=str(info), error_log_path=str(error)))
    return info, error


def say_everything() -> None:
    for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR):
        LOG.log(level, "said at %d", level)


@pytest.mark.parametrize(
    ("level", "info_lines", "error_lines"),
    [("DEBUG", 2, 2), ("INFO", 1, 2), ("WARN", 0, 2), ("ERROR", 0, 1), ("NONE", 0, 0)],
)
def test_a_level_includes_the_more_severe_ones_and_parts_them_over_two_files(
    tmp_path: Path, level: str, info_lines: int, error_lines: int
) -> None:
    info, error = logs(tmp_path, level)
    say_everything()
    assert len(info.read_text("utf-8").splitlines()) == info_lines
    assert len(error.read_text("utf-8").splitlines()) == error_lines


def test_without_files_the_streams_of_the_process_are_used(
    capsys: pytest.CaptureFixture[str],
) -> None:
    open_logs(CoreSettings())
    say_everything()
    out, err = capsys.readouterr()
    assert out.endswith("INFO    said at 20\n")
    assert [line.split()[1] for line in err.splitlines()] == ["WARNING", "ERROR"]


def test_a_file_that_cannot_be_written_is_an_invalid_setting(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    with pytest.raises(StctlError, match="info_log_path") as caught:
        logs(tmp_path, "INFO")
    assert caught.value.kind is ErrorKind.SETTING_INVALID


def answer(_request: Request) -> Response:
    return Response(status=404)


def test_requests_are_logged_at_debug_with_tokens_masked(tmp_path: Path) -> None:
    info, _ = logs(tmp_path, "DEBUG")
    request = Request(method="GET", path="/a\nb", query=[("t", TOKEN), ("u", "anna")])
    assert logging_each(answer)(request).status == 404
    (line,) = info.read_text("utf-8").splitlines()
    assert "GET '/a\\nb?t=" in line
    assert "u=anna' -> 404" in line
    assert TOKEN not in line


def test_above_debug_requests_cost_nothing(tmp_path: Path) -> None:
    logs(tmp_path, "INFO")
    assert logging_each(answer) is answer
