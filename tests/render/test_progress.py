import io
import re

from stctl.render.printer import Printer, Screen


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def printer(stream: io.StringIO, **environ: str) -> Printer:
    screen = Screen(stream, {"COLUMNS": "60", "TERM": "xterm", **environ})
    return Printer(out=screen, err=screen)


def test_what_is_said_beside_a_bar_stands_on_lines_of_its_own() -> None:
    stream = Terminal()
    talker = printer(stream)
    with talker.progress("Working", 2) as advance:
        advance(1)
        talker.remark("waiting for a core")
    talker.remark("afterwards")
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.getvalue())
    lines = [line.strip() for line in re.split(r"[\r\n]", plain)]
    assert "· waiting for a core" in lines
    assert lines[-2:] == ["· afterwards", ""]


def test_nobody_looks_no_bar_is_drawn() -> None:
    for stream, environ in ((io.StringIO(), {}), (Terminal(), {"TERM": "dumb"})):
        with printer(stream, **environ).progress("Working", 2) as advance:
            advance(1)
        assert stream.getvalue() == ""
