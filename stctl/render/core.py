"""How embedded cores look, and how a core answers when it is asked about itself."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from stctl.core.registry import RunningCore, SeenCore
from stctl.jsontypes import JsonObject, JsonValue
from stctl.render.view import (
    Block,
    Facts,
    Gap,
    Heading,
    Line,
    Note,
    Presentation,
    Table,
    bad,
    dim,
    good,
    line,
    name,
    strong,
    warn,
)
from stctl.tokens.times import duration_text

_TABLE_FROM = 100
"""Columns from which on a core gets one row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """A core that was asked to end, and whether it did."""

    core: RunningCore
    ended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreStatus:
    """What a core says of itself."""

    target: str
    latency_ms: float
    """The quickest of a few answers to `/hello`."""
    needs_key: bool
    versions: Sequence[str] | None
    """None where the core wants a key and none was given."""
    spoken: str | None
    """The version that stctl speaks with it."""
    dynamic_keys: int
    static_keys: int
    embedded: RunningCore | None
    """The core of this machine that it is, if it is one."""


def started(core: RunningCore) -> Presentation:
    """Present a core that has just been started."""
    return Presentation(
        schema="stctl.core.start/1",
        view=lambda _width: _started_view(core),
        document=lambda: core_document(core),
        ids=lambda: [core.url],
    )


def _started_view(core: RunningCore) -> Iterator[Block]:
    yield Heading(line(strong("Core running at "), name(core.url)))
    rows: list[tuple[str, Line]] = [
        ("process", line(str(core.pid))),
        ("sessions", _place(core)),
    ]
    if core.log is not None:
        rows.append(("log", line(core.log)))
    ending = "Ctrl-C, or " if core.log is None else ""
    rows.append(("stop with", line(ending, name(f"stctl core stop {core.port}"))))
    yield Facts(rows)


def _place(core: RunningCore) -> Line:
    if core.database is None:
        return line("in memory", dim(", gone when it stops"))
    return line(core.database)


def listing(cores: Sequence[SeenCore], now_ms: int) -> Presentation:
    """Present the embedded cores that run."""
    return Presentation(
        schema="stctl.core.list/1",
        view=lambda width: _listing_view(cores, now_ms, width),
        document=lambda: {"cores": [_seen_document(one) for one in cores]},
        rows=lambda: map(_seen_document, cores),
        ids=lambda: [one.core.url for one in cores],
    )


def _listing_view(cores: Sequence[SeenCore], now_ms: int, width: int) -> Iterator[Block]:
    if not cores:
        yield Note("info", line("No embedded core runs; start one with `stctl core start`"))
    elif width >= _TABLE_FROM:
        rows = [[_url(one), *_cells(one.core, now_ms)] for one in cores]
        yield Table(["URL", "PROCESS", "RUNNING FOR", "SESSIONS"], rows, frozenset({1}))
    else:
        for one in cores:
            yield Gap()
            yield Heading(_url(one))
            labels = ("process", "running for", "sessions")
            yield Facts(list(zip(labels, _cells(one.core, now_ms), strict=True)))


def _url(seen: SeenCore) -> Line:
    silent = warn("  does not answer") if seen.state == "silent" else ""
    return line(name(seen.core.url), silent)


def _cells(core: RunningCore, now_ms: int) -> tuple[Line, Line, Line]:
    age = duration_text(max(0, now_ms - core.started_at_ms))
    return line(str(core.pid)), line(age), line(core.database or "in memory")


def stopped(cores: Sequence[Stopped]) -> Presentation:
    """Present the cores that were asked to end."""
    return Presentation(
        schema="stctl.core.stop/1",
        view=lambda _width: _stopped_view(cores),
        document=lambda: {"cores": [_stopped_document(one) for one in cores]},
        rows=lambda: map(_stopped_document, cores),
        ids=lambda: [one.core.url for one in cores if one.ended],
    )


def _stopped_view(cores: Sequence[Stopped]) -> Iterator[Block]:
    if not cores:
        yield Note("info", line("No embedded core runs"))
    for one in cores:
        place = line(name(one.core.url), dim(f", process {one.core.pid}"))
        if one.ended:
            yield Note("good", line("Stopped ", place))
        else:
            yield Note("bad", line(bad("Still there: "), place))


def status(found: CoreStatus) -> Presentation:
    """Present what a core says of itself."""
    return Presentation(
        schema="stctl.core.status/1",
        view=lambda _width: _status_view(found),
        document=lambda: _status_document(found),
        ids=lambda: [found.target],
    )


def _status_view(found: CoreStatus) -> Iterable[Block]:
    yield Heading(line(strong("Core at "), name(found.target)))
    rows: list[tuple[str, Line]] = [
        ("hello", line(good("answers"), dim(f", in {found.latency_ms:.1f} ms"))),
        ("API key", _key_words(found)),
        ("CDI versions", _version_words(found)),
        ("keys", line(f"{found.dynamic_keys} dynamic, {found.static_keys} static")),
    ]
    if found.embedded is not None:
        core = found.embedded
        rows.append(("embedded", line(f"process {core.pid}", dim(", sessions "), _place(core))))
    yield Facts(rows)


def _key_words(found: CoreStatus) -> Line:
    if not found.needs_key:
        return line("not asked for")
    if found.versions is None:
        return line(warn("asked for"), dim(", and none was given"))
    return line("asked for", dim(", and the given one is right"))


def _version_words(found: CoreStatus) -> Line:
    if not found.versions:
        return line(dim("not told without a key" if found.versions is None else "none"))
    spoken = dim(f", stctl speaks {found.spoken}") if found.spoken else ""
    return line(f"{found.versions[0]} to {found.versions[-1]}", spoken)


def _status_document(found: CoreStatus) -> JsonObject:
    return {
        "core": found.target,
        "latency_ms": round(found.latency_ms, 3),
        "needs_key": found.needs_key,
        "versions": None if found.versions is None else [*found.versions],
        "spoken": found.spoken,
        "keys": {"dynamic": found.dynamic_keys, "static": found.static_keys},
        "embedded": None if found.embedded is None else core_document(found.embedded),
    }


def core_document(core: RunningCore) -> dict[str, JsonValue]:
    """An embedded core in JSON."""
    return {
        "url": core.url,
        "address": core.address,
        "port": core.port,
        "base_path": core.base_path,
        "pid": core.pid,
        "instance": core.instance,
        "database": core.database,
        "started_at_ms": core.started_at_ms,
        "version": core.version,
        "log": core.log,
    }


def _seen_document(seen: SeenCore) -> dict[str, JsonValue]:
    return {**core_document(seen.core), "state": seen.state}


def _stopped_document(one: Stopped) -> dict[str, JsonValue]:
    return {**core_document(one.core), "ended": one.ended}
