import io
import json
from collections.abc import Mapping
from enum import StrEnum

import pytest

from stctl.errors import ErrorKind, StctlError
from stctl.jsontypes import JsonValue
from stctl.render.printer import Output, Printer, Screen, to_json
from stctl.render.view import Facts, Note, Presentation, line, strong


class Colour(StrEnum):
    RED = "red"


ROWS: list[dict[str, JsonValue]] = [
    {"id": "a", "claims": {"role": "admin"}, "tenant": None, "live": True, "age": 3},
    {"id": 'b"', "claims": {}, "tenant": Colour.RED, "live": False, "age": 4},
]
RESULT = Presentation(
    schema="stctl.test/1",
    view=lambda width: [Facts([("width", line(str(width)))]), Note("good", line(strong("done")))],
    document=lambda: {"rows": [*ROWS]},
    rows=lambda: ROWS,
    ids=lambda: [str(row["id"]) for row in ROWS],
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def printed(
    output: Output, *, quiet: bool = False, environ: Mapping[str, str] | None = None
) -> str:
    out, err = io.StringIO(), io.StringIO()
    environ = environ or {}
    printer = Printer(
        out=Screen(out, environ), err=Screen(err, environ), output=output, quiet=quiet
    )
    printer.show(RESULT)
    assert err.getvalue() == ""
    return out.getvalue()


def test_a_pipe_gets_plain_text_laid_out_for_columns() -> None:
    assert printed(Output.TABLE, environ={"COLUMNS": "77"}) == "  width  77\n✓ done\n"


def test_json_is_one_document_that_names_its_schema() -> None:
    assert json.loads(printed(Output.JSON)) == {"schema": "stctl.test/1", "rows": ROWS}


def test_ndjson_is_a_document_a_line() -> None:
    lines = printed(Output.NDJSON).splitlines()
    assert [json.loads(text) for text in lines] == [
        {"schema": "stctl.test/1", **row} for row in ROWS
    ]


def test_yaml_says_the_same_as_json() -> None:
    import yaml

    assert yaml.safe_load(printed(Output.YAML)) == json.loads(printed(Output.JSON))


def test_csv_has_a_header_and_keeps_nested_values_as_json() -> None:
    import csv

    rows = list(csv.DictReader(io.StringIO(printed(Output.CSV))))
    assert rows[0] == {
        "id": "a",
        "claims": '{"role": "admin"}',
        "tenant": "",
        "live": "true",
        "age": "3",
    }
    assert rows[1]["id"] == 'b"'


def test_quiet_prints_ids_whatever_the_form() -> None:
    assert printed(Output.JSON, quiet=True) == 'a\nb"\n'


@pytest.mark.parametrize(
    ("environ", "colour"),
    [
        ({"TERM": "xterm"}, True),
        ({"TERM": "dumb"}, False),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False),
        ({"TERM": "xterm", "NO_COLOR": ""}, True),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colour_follows_the_terminal_and_the_two_variables(
    environ: dict[str, str], colour: bool
) -> None:
    stream = Terminal()
    screen = Screen(stream, environ)
    screen.write([Note("bad", line("no"))])
    assert screen.has_colour is colour
    assert ("\x1b[" in stream.getvalue()) is colour


def test_a_terminal_wraps_long_values_under_their_column() -> None:
    stream = Terminal()
    value = " ".join(["word"] * 12)
    Screen(stream, {"COLUMNS": "44", "NO_COLOR": "1"}).write([Facts([("label", line(value))])])
    first, second, *_ = stream.getvalue().splitlines()
    assert first.startswith("  label  word")
    assert second.startswith("         word")
    assert max(map(len, stream.getvalue().splitlines())) <= 44


def test_markup_in_foreign_text_is_only_text() -> None:
    stream = Terminal()
    Screen(stream, {"TERM": "xterm"}).write([Note("info", line("[/bold] [admin] :smile:"))])
    assert "[/bold] [admin] :smile:" in stream.getvalue()


def test_an_error_is_a_sentence_with_its_code_and_advice() -> None:
    err = io.StringIO()
    printer = Printer(out=Screen(io.StringIO(), {}), err=Screen(err, {}))
    printer.fail(StctlError(ErrorKind.CORE_DOWN, "Nothing there.", hint="Look."))
    assert err.getvalue() == "✗ Nothing there.  [core-down]\n· Look.\n"


def test_an_error_is_json_where_results_are_json_and_never_shows_a_token() -> None:
    err = io.StringIO()
    printer = Printer(out=Screen(io.StringIO(), {}), err=Screen(err, {}), output=Output.JSON)
    token = f"{'a' * 30}.{'b' * 30}.{'c' * 30}"
    printer.fail(StctlError(ErrorKind.CORE_FAILED, f"HTTP 500: {token}"))
    document = json.loads(err.getvalue())
    assert document["schema"] == "stctl.error/1"
    assert document["error"]["code"] == "core-failed"
    assert document["error"]["exit_status"] == 15
    assert token not in err.getvalue()


def test_progress_is_silent_where_nobody_looks() -> None:
    err = io.StringIO()
    with Printer(out=Screen(io.StringIO(), {}), err=Screen(err, {})).progress("x", 2) as advance:
        advance(1)
    assert err.getvalue() == ""


def test_json_text_can_always_be_written() -> None:
    assert to_json({"a": "ü"}, indent=None) == '{"a": "ü"}'
    assert to_json({"a": "ü\ud800"}, indent=None) == '{"a": "\\u00fc\\ud800"}'
