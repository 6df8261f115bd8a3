import json
import os
import stat
import sys
from pathlib import Path

import pytest

from reported import OWN_401, THEFT, recorded_path
from running import run

TRACE = str(recorded_path(THEFT))
TOKEN = "eyJraWQiOiJkLTE3OTU1MzY1MzIxODci"


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_page_is_written_and_the_person_told_on_standard_error(tmp_path: Path) -> None:
    page = tmp_path / "case.html"
    told = run("report", TRACE, "-o", str(page))
    assert (told.exit_status, told.stdout) == (0, "")
    assert f"Wrote {page}: 5 requests" in told.stderr
    assert "are masked" in told.stderr
    text = page.read_text("utf-8")
    assert text.startswith("<!doctype html>")
    assert TOKEN not in text
    assert "2026-11-18T11:06:40.000Z" in text  # when it was made, by the frozen clock


@pytest.mark.parametrize("name", ["case.md", "CASE.MD", "case.markdown"])
def test_the_name_of_the_file_says_its_form(name: str, tmp_path: Path) -> None:
    run("report", TRACE, "-o", str(tmp_path / name))
    assert (tmp_path / name).read_text("utf-8").startswith("## ")


def test_a_form_that_is_asked_for_is_stronger_than_the_name(tmp_path: Path) -> None:
    run("report", TRACE, "-o", str(tmp_path / "case.txt"), "--as", "md")
    assert (tmp_path / "case.txt").read_text("utf-8").startswith("## ")
    told = run("report", TRACE, "-o", str(tmp_path / "other.txt"))
    assert told.exit_status == 2
    assert ".html or .md" in told.stderr


def test_into_a_pipe_goes_a_page_or_a_text() -> None:
    assert run("report", TRACE).stdout.startswith("<!doctype html>")
    assert run("report", TRACE, "-o", "-", "--as", "md").stdout.startswith("## ")


def test_a_trace_may_come_from_standard_input() -> None:
    told = run("report", "-", "--as", "md", stdin=Path(TRACE).read_bytes())
    assert "`standard input`: 5 requests" in told.stdout


def test_a_file_that_is_there_is_replaced_only_by_force(tmp_path: Path) -> None:
    page = tmp_path / "case.html"
    page.write_text("mine", encoding="utf-8")
    told = run("report", TRACE, "-o", str(page))
    assert told.exit_status == 21
    assert "--force" in told.stderr
    assert page.read_text("utf-8") == "mine"
    assert run("report", TRACE, "-o", str(page), "--force").exit_status == 0
    assert page.read_text("utf-8").startswith("<!doctype html>")
    assert [one.name for one in tmp_path.iterdir() if one.name != "home"] == ["case.html"]


def test_not_even_force_writes_over_the_trace(tmp_path: Path) -> None:
    trace = tmp_path / "trace.html"
    trace.write_bytes(Path(TRACE).read_bytes())
    told = run("report", str(trace), "-o", str(trace), "--force")
    assert told.exit_status == 2
    assert json.loads(trace.read_bytes())


@pytest.mark.parametrize("place", ["none/case.html", "."])
def test_a_place_that_cannot_be_written_is_told_before_any_work(place: str, tmp_path: Path) -> None:
    told = run("report", "no-such-trace.har", "-o", str(tmp_path / place), "--as", "html")
    assert told.exit_status == 21


def test_an_unreadable_trace_leaves_no_file(tmp_path: Path) -> None:
    page = tmp_path / "case.html"
    assert run("report", "no-such-trace.har", "-o", str(page)).exit_status == 4
    assert not page.exists()


def test_a_broken_trace_is_reported_as_far_as_it_goes(tmp_path: Path) -> None:
    broken = tmp_path / "cut.har"
    data = Path(TRACE).read_bytes()
    broken.write_bytes(data[: len(data) // 2])
    page = tmp_path / "case.html"
    told = run("report", str(broken), "-o", str(page))
    assert told.exit_status == 6
    assert "Unreadable" in told.stderr
    assert page.read_text("utf-8").endswith("</html>\n")


@pytest.mark.skipif(sys.platform == "win32", reason="modes are of POSIX")
def test_what_is_revealed_is_for_its_owner_and_what_is_masked_as_the_umask_says(
    tmp_path: Path,
) -> None:
    masked, revealed = tmp_path / "masked.html", tmp_path / "revealed.html"
    before = os.umask(0o022)
    try:
        run("report", TRACE, "-o", str(masked))
        told = run("report", TRACE, "-o", str(revealed), "--reveal")
    finally:
        os.umask(before)
    assert (mode_of(masked), mode_of(revealed)) == (0o644, 0o600)
    assert TOKEN in revealed.read_text("utf-8")
    assert "Nothing in it is masked." in told.stderr


def test_several_traces_make_one_report_and_fewer_requests_can_be_asked_for() -> None:
    told = run("report", TRACE, str(recorded_path(OWN_401)), "--most", "2")
    assert "Report on 2 traces" in told.stdout
    assert told.stdout.count('<details class="step') + told.stdout.count("<details id=") == 4


def test_what_is_known_of_the_app_is_in_the_report() -> None:
    assert (
        "`supertokens-node 24.0.2`"
        in run("report", TRACE, "--as", "md", "--sdk", "node@24.0.2").stdout
    )
