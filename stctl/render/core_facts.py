"""How a core's settings and its load look."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from stctl.cdi.answers import RequestStats
from stctl.checks.core_settings import NEVER_TOLD, CoreConfig, EffectiveSetting
from stctl.jsontypes import JsonObject, JsonValue
from stctl.render.sessions.times import moment
from stctl.render.view import (
    Block,
    Drawing,
    Facts,
    Gap,
    Heading,
    Line,
    Note,
    Presentation,
    Table,
    dim,
    line,
    name,
    strong,
)

_EIGHTHS = " ▁▂▃▄▅▆▇█"
_PLOT_ROWS = 8
_MINUTE_MS = 60_000
_LABEL = 8


def configuration(target: str, found: CoreConfig, *, only_changed: bool) -> Presentation:
    """Present the settings of a core."""
    wanted = [one for one in found.settings if one.is_changed is not False or not only_changed]
    return Presentation(
        schema="stctl.core.config/1",
        view=lambda _width: _configuration_view(target, found, wanted),
        document=lambda: {
            "core": target,
            "is_published": found.refusal is None,
            "refusal": found.refusal,
            "settings": [_setting_row(one) for one in wanted],
            "never_told": [*NEVER_TOLD],
        },
        rows=lambda: map(_setting_row, wanted),
        ids=lambda: [one.name for one in wanted],
    )


def _configuration_view(
    target: str, found: CoreConfig, wanted: Sequence[EffectiveSetting]
) -> Iterator[Block]:
    yield Heading(line(strong("Settings of "), name(target)))
    if wanted:
        yield Table(["SETTING", "VALUE", "DEFAULT", "FROM"], [[*_cells(one)] for one in wanted])
    else:
        yield Note("info", line("There is none to show"))
    yield Gap()
    if found.refusal is not None:
        yield Note("warn", line("The core does not publish its settings: ", found.refusal))
        yield Note("info", line("What is shown was worked out from its other answers"))
    yield Note("info", line("No call tells ", dim(", ".join(NEVER_TOLD))))


def _cells(one: EffectiveSetting) -> tuple[Line, Line, Line, Line]:
    value = _plain(one.value)
    return (
        line(name(one.name)),
        line(strong(value) if one.is_changed else value),
        line(dim("not told" if one.source != "core-config" else _plain(one.default))),
        line(dim(one.source)),
    )


def _plain(value: JsonValue) -> str:
    if value is None:
        return "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _setting_row(one: EffectiveSetting) -> dict[str, JsonValue]:
    return {
        "name": one.name,
        "value": one.value,
        "default": one.default,
        "is_changed": one.is_changed,
        "source": one.source,
        "meaning": one.meaning,
    }


def statistics(target: str, found: RequestStats) -> Presentation:
    """Present requests a second over the last day."""
    return Presentation(
        schema="stctl.core.stats/1",
        view=lambda width: _statistics_view(target, found, width),
        document=lambda: _statistics_document(target, found),
        rows=lambda: _statistics_rows(found),
    )


def _statistics_document(target: str, found: RequestStats) -> JsonObject:
    return {
        "core": target,
        "until_ms": found.at_minute * _MINUTE_MS,
        "minutes_with_data": sum(value >= 0 for value in found.averages),
        "requests": round(sum(max(0.0, value) * 60 for value in found.averages)),
        "peak_per_second": max(found.peaks, default=-1),
        "average_per_second": [value if value >= 0 else None for value in found.averages],
        "peak_per_second_by_minute": [value if value >= 0 else None for value in found.peaks],
    }


def _statistics_rows(found: RequestStats) -> Iterator[dict[str, JsonValue]]:
    first = found.at_minute - len(found.averages)
    for number, (average, peak) in enumerate(zip(found.averages, found.peaks, strict=False)):
        if average >= 0:
            at_ms = (first + number) * _MINUTE_MS
            yield {"minute_at_ms": at_ms, "average_per_second": average, "peak_per_second": peak}


def _statistics_view(target: str, found: RequestStats, width: int) -> Iterator[Block]:
    yield Heading(line(strong("Requests a second at "), name(target)))
    known = [value for value in found.averages if value >= 0]
    if not known:
        yield Note("info", line("The core has no data yet: it counts from the first question on"))
        return
    yield Drawing([*_plot(found, width)])
    yield Gap()
    peak = max(found.peaks, default=0)
    when = found.at_minute - len(found.peaks) + [*found.peaks].index(peak)
    yield Facts(
        [
            ("requests", line(f"about {round(sum(known) * 60):,}")),
            ("average", line(f"{sum(known) / len(known):.2f} a second")),
            ("peak", line(f"{peak:g} a second", dim(f", {moment(when * _MINUTE_MS)}"))),
            ("data", line(f"{len(known):,} of {len(found.averages):,} minutes")),
        ]
    )
    if len(known) < len(found.averages):
        yield Note("info", line(dim("The core counts since its process first was asked")))


def _plot(found: RequestStats, width: int) -> Iterator[Line]:
    """Bars of averages, each as wide as a column, with the scale on the left."""
    columns = _columns(found.averages, max(20, min(width, 160) - _LABEL - 2))
    top = max((value for value in columns if value is not None), default=0.0) or 1.0
    for row in range(_PLOT_ROWS, 0, -1):
        label = f"{top * row / _PLOT_ROWS:.3g}" if row in {_PLOT_ROWS, _PLOT_ROWS // 2} else ""
        bars = "".join(_cell(value, top, row) for value in columns)
        yield line(dim(f"{label:>{_LABEL}} ▕"), name(bars))
    yield _axis(found, len(columns))


def _columns(values: Sequence[float], count: int) -> list[float | None]:
    """The mean of as many minutes as fall into each column; None where none has data."""
    edges = [round(number * len(values) / count) for number in range(count + 1)]
    spans = [[one for one in values[start:end] if one >= 0] for start, end in pairwise(edges)]
    return [sum(span) / len(span) if span else None for span in spans]


def _cell(value: float | None, top: float, row: int) -> str:
    if value is None:
        return "·" if row == 1 else " "
    eighths = round(value / top * _PLOT_ROWS * 8) - (row - 1) * 8
    return _EIGHTHS[max(0, min(8, eighths))]


def _axis(found: RequestStats, columns: int) -> Line:
    end_ms = found.at_minute * _MINUTE_MS
    start = moment(end_ms - len(found.averages) * _MINUTE_MS)[:16]
    end = moment(end_ms)[11:]
    space = max(1, columns - len(start) - len(end))
    return line(dim(f"{'':{_LABEL}}  {start}{' ' * space}{end}"))
