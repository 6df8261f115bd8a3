"""The one place that writes: results to standard output, talk and errors to standard error."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from functools import cache
from typing import NamedTuple, TextIO

from stctl.errors import StctlError
from stctl.jsontypes import JsonObject, JsonValue
from stctl.redact import mask_text
from stctl.render.plain import layout
from stctl.render.view import Block, Note, Presentation, dim, line

_DEFAULT_WIDTH = 100
_NARROWEST = 40
ERROR_SCHEMA = "stctl.error/1"


class Output(StrEnum):
    """The forms in which a result can be printed."""

    TABLE = "table"
    JSON = "json"
    NDJSON = "ndjson"
    YAML = "yaml"
    CSV = "csv"


class Screen(NamedTuple):
    """A stream and what it can show."""

    stream: TextIO
    environ: Mapping[str, str]

    @property
    def is_terminal(self) -> bool:
        """Whether a person looks at the stream; a dumb terminal counts."""
        return self.stream.isatty()

    @property
    def has_colour(self) -> bool:
        """Whether to use colour: `NO_COLOR` wins over `FORCE_COLOR`, both over the terminal."""
        if self.environ.get("NO_COLOR"):
            return False
        if self.environ.get("FORCE_COLOR"):
            return True
        return self.is_terminal and self.environ.get("TERM") != "dumb"

    @property
    def width(self) -> int:
        """Columns to lay out for: `COLUMNS`, else the terminal's, else 100; never below 40."""
        wanted = self.environ.get("COLUMNS", "")
        if wanted.isdecimal() and int(wanted) > 0:
            return max(int(wanted), _NARROWEST)
        return max(self._measured_width(), _NARROWEST)

    def _measured_width(self) -> int:
        import os

        try:
            return os.get_terminal_size(self.stream.fileno()).columns or _DEFAULT_WIDTH
        except (OSError, ValueError):
            return _DEFAULT_WIDTH

    def write(self, blocks: Iterable[Block]) -> None:
        """Write blocks, coloured and wrapped on a terminal, plain elsewhere."""
        if self.is_terminal or self.has_colour:
            from stctl.render import coloured

            coloured.write(
                coloured.console(self.stream, self.width, colour=self.has_colour), blocks
            )
        else:
            self.stream.writelines(text + "\n" for text in layout(blocks))
        self.stream.flush()


Advance = Callable[[int], None]
Write = Callable[[Iterable[Block]], None]


class _Choices(NamedTuple):
    out: Screen
    err: Screen
    output: Output = Output.TABLE
    quiet: bool = False
    other: str = ""
    """One of the forms that few results have, in place of `output`."""


class Printer(_Choices):
    """Prints one command's results in the form that was asked for."""

    write_above_bar: Write | None = None
    """Writes to standard error while a progress bar is on it, which it must not tear."""

    def show(self, result: Presentation) -> None:
        """Print a result on standard output."""
        if self.quiet:
            self._write(line + "\n" for line in (result.ids() if result.ids else ()))
        elif self.other:
            self._write((result.others or {})[self.other]())
        elif self.output is Output.TABLE:
            self.out.write(result.view(self.out.width))
        else:
            self._write(_SERIALISERS[self.output](result))

    def say(self, *blocks: Block) -> None:
        """Tell the person something that is no result, on standard error."""
        (self.write_above_bar or self.err.write)(blocks)

    def remark(self, text: str) -> None:
        """Tell in one dim line what is going on, on standard error."""
        self.say(Note("info", line(dim(mask_text(text)))))

    def fail(self, error: StctlError) -> None:
        """Report an error on standard error: as JSON where results are JSON."""
        if self.output in {Output.JSON, Output.NDJSON}:
            self.err.stream.write(to_json(error_document(error), indent=None) + "\n")
            self.err.stream.flush()
            return
        detail = line(mask_text(error.detail), dim(f"  [{error.kind.code}]"))
        blocks: list[Block] = [Note("bad", detail)]
        if error.hint:
            blocks.append(Note("info", line(dim(mask_text(error.hint)))))
        self.err.write(blocks)

    @contextmanager
    def progress(self, title: str, total: int | None = None) -> Iterator[Advance]:
        """Show progress on standard error while inside; call what is given with a count to add.

        Nothing is shown where nobody looks: in a pipe, on a dumb terminal, with `-q`.
        """
        if self.quiet or not self.err.is_terminal or self.err.environ.get("TERM") == "dumb":
            yield lambda _: None
            return
        from stctl.render.progress import bar

        with bar(self.err, title, total) as (advance, write_above):
            self.write_above_bar = write_above
            try:
                yield advance
            finally:
                self.write_above_bar = None

    def _write(self, pieces: Iterable[str]) -> None:
        self.out.stream.writelines(pieces)
        self.out.stream.flush()


def error_document(error: StctlError) -> JsonObject:
    """The JSON form of an error, schema `stctl.error/1`."""
    return {
        "schema": ERROR_SCHEMA,
        "error": {
            "code": error.kind.code,
            "exit_status": error.kind.exit_status,
            "message": mask_text(error.detail),
            "hint": mask_text(error.hint),
        },
    }


def to_json(value: JsonValue | JsonObject, *, indent: int | None = 2) -> str:
    """JSON text; characters beyond ASCII stay readable unless they could not be written."""
    text = _encoder(indent, is_ascii=False).encode(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        return _encoder(indent, is_ascii=True).encode(value)
    return text


@cache
def _encoder(indent: int | None, *, is_ascii: bool) -> json.JSONEncoder:
    return json.JSONEncoder(indent=indent, ensure_ascii=is_ascii, allow_nan=False)


def _json(result: Presentation) -> Iterator[str]:
    yield to_json({"schema": result.schema, **result.document()}) + "\n"


def _rows(result: Presentation) -> Iterable[JsonObject]:
    return result.rows() if result.rows else [result.document()]


def _ndjson(result: Presentation) -> Iterator[str]:
    for row in _rows(result):
        yield to_json({"schema": result.schema, **row}, indent=None) + "\n"


def _yaml(result: Presentation) -> Iterator[str]:
    import yaml

    class Dumper(yaml.SafeDumper):
        """Also takes members of enumerations that are texts, as JSON and CSV do."""

    Dumper.add_multi_representer(str, lambda dumper, text: dumper.represent_str(str(text)))
    document = {"schema": result.schema, **result.document()}
    yield yaml.dump(document, Dumper=Dumper, sort_keys=False, allow_unicode=True)


def _csv(result: Presentation) -> Iterator[str]:
    import csv
    import io

    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    columns: list[str] | None = None
    for row in _rows(result):
        if columns is None:
            columns = list(row)
            writer.writerow(columns)
        writer.writerow([_cell(row.get(column)) for column in columns])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _cell(value: JsonValue) -> str | int | float:
    match value:
        case None:
            return ""
        case bool() | dict() | list():
            return to_json(value, indent=None)
        case _:
            return value


_SERIALISERS: Mapping[Output, Callable[[Presentation], Iterator[str]]] = {
    Output.JSON: _json,
    Output.NDJSON: _ndjson,
    Output.YAML: _yaml,
    Output.CSV: _csv,
}
