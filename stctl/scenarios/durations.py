"""Durations as people write them."""

import re
from typing import Final

_UNITS_MS: Final = {
    "ms": 1,
    "s": 1000,
    "min": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
}
_FORM: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|min|h|d)")


def read_duration_ms(text: str) -> int:
    """Milliseconds of a text such as `31s`, `1.5 h` or `100d`; ValueError for anything else.

    >>> read_duration_ms("31s"), read_duration_ms("1.5 h")
    (31000, 5400000)
    """
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no duration: write 500ms, 31s, 5min, 2h or 100d")
    return round(float(found[1]) * _UNITS_MS[found[2]])


def show_duration(duration_ms: int) -> str:
    """Show a duration in its largest whole unit.

    >>> show_duration(31_000), show_duration(3_600_000), show_duration(1_500), show_duration(0)
    ('31 s', '1 h', '1500 ms', '0 s')
    """
    for unit in ("d", "h", "min", "s"):
        if duration_ms % _UNITS_MS[unit] == 0 and duration_ms >= _UNITS_MS[unit]:
            return f"{duration_ms // _UNITS_MS[unit]} {unit}"
    return f"{duration_ms} ms" if duration_ms else "0 s"
