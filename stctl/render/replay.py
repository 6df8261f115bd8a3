"""A trace under other rules, on a screen and as data."""

from collections.abc import Iterator, Sequence
from typing import Final, Literal

from stctl.jsontypes import JsonValue
from stctl.recipe.failures import ErrorName
from stctl.render.view import (
    Block,
    Facts,
    Gap,
    Heading,
    Line,
    Note,
    Presentation,
    Span,
    Table,
    bad,
    dim,
    good,
    line,
    name,
    warn,
)
from stctl.render.wording import count_of
from stctl.scenarios.replay import Change, Compared, Outcome, Replay, Rules
from stctl.traces.recording import iso_time

SCHEMA: Final = "stctl.replay/1"
Members = dict[str, JsonValue]

_WELL: Final = "goes well"
_THEFT: Final = ErrorName.TOKEN_THEFT_DETECTED


def presentation(replay: Replay, *, everything: bool) -> Presentation:
    """The faces of a replay, each of which plays it; `everything` shows what stays the same too."""
    return Presentation(
        schema=SCHEMA,
        view=lambda _: _view(replay, everything=everything),
        document=lambda: _document(replay, everything=everything),
        rows=lambda: (_row_document(one) for one in _wanted(replay, everything=everything)),
        ids=lambda: (str(one.told.index) for one in _wanted(replay, everything=everything)),
    )


def _wanted(replay: Replay, *, everything: bool) -> Iterator[Compared]:
    return (one for one in replay if everything or one.differs)


def _view(replay: Replay, *, everything: bool) -> Iterator[Block]:
    yield Heading(line("Replayed on the embedded core"))
    yield Facts(
        [
            ("recorded", line(_told_rules(replay.recorded_rules), dim("  as the trace shows it"))),
            ("instead", line(_told_rules(replay.rules))),
        ]
    )
    yield Gap()
    rows = [_row(one) for one in _wanted(replay, everything=everything)]
    if rows:
        columns = ("entry", "request", "recorded", "instead")
        yield Table(columns, rows, right=frozenset({0}))
        yield Gap()
    yield from _sums(replay)


def _told_rules(rules: Rules) -> str:
    settings = (f"{key} = {value}" for key, value in rules.settings.items())
    return ", ".join((f"CDI {rules.cdi}", *settings))


def _row(one: Compared) -> Sequence[Line]:
    request = one.told.evidence.request
    recorded = line(_painted(one.recorded.error))
    if one.ended_outside:
        recorded = line(recorded, dim("  ended outside the trace"))
    return [
        line(dim(str(one.told.index))),
        line(name(f"{request.method} {request.path}")),
        recorded,
        line(_instead(one)),
    ]


def _instead(one: Compared) -> Span:
    if not one.is_reproduced:
        return warn(f"not reproduced: {_words(one.again)}")
    if one.instead.missing_since is not None:
        return warn(_words(one.instead))
    if one.instead.error is one.recorded.error:
        return dim("the same")
    return _painted(one.instead.error)


def _words(outcome: Outcome) -> str:
    if outcome.missing_since is not None:
        return f"never sent, since entry {outcome.missing_since} is refused"
    return outcome.error or _WELL


def _painted(error: ErrorName | None) -> Span:
    return good(_WELL) if error is None else bad(error)


def _sums(replay: Replay) -> Iterator[Block]:
    """What it comes to, in sentences; the thefts first."""
    differing = {
        change: count for change, count in replay.changes.items() if change[0] != change[1]
    }
    for change, count in sorted(differing.items(), key=_weight):
        yield Note(_mark(change), line(_sentence(change, count, replay)))
    if replay.cut_off:
        lost = count_of(replay.cut_off, "request")
        yield Note("warn", line(f"{lost} would not have been sent: no tokens for them"))
    reproduced = replay.played - replay.not_reproduced
    if reproduced and not differing and not replay.cut_off:
        same = count_of(reproduced, "reproduced request")
        yield Note("info", line(f"nothing differs in {same}"))
    if replay.not_reproduced:
        yield Note(
            "warn",
            line(
                f"{replay.not_reproduced:,} of {replay.played:,} requests cannot be reproduced "
                "from the trace, and are left out",
                dim("  --all shows them"),
            ),
        )


def _weight(item: tuple[Change, int]) -> tuple[bool, str, str]:
    (before, after), _ = item
    return _THEFT not in {before, after}, before or "", after or ""


def _mark(change: Change) -> Literal["good", "warn", "bad"]:
    before, after = change
    if after is None:
        return "good"
    return "warn" if before is not None else "bad"


def _sentence(change: Change, count: int, replay: Replay) -> str:
    before, after = change
    if before is None:
        went = "1 request that went well ends" if count == 1 else f"{count:,} that went well end"
        return f"{went} in {after}"
    total = sum(number for (error, _), number in replay.changes.items() if error is before)
    of = f"{count:,} of {total:,} {before}"
    if after is None:
        return f"{of} {'is none' if count == 1 else 'are none'} under these rules"
    return f"{of} {'becomes' if count == 1 else 'become'} {after}"


def _document(replay: Replay, *, everything: bool) -> Members:
    requests: list[JsonValue] = [
        _row_document(one) for one in _wanted(replay, everything=everything)
    ]
    return {
        "recorded_rules": _rules_document(replay.recorded_rules),
        "rules": _rules_document(replay.rules),
        "requests": requests,
        "played": replay.played,
        "not_reproduced": replay.not_reproduced,
        "never_sent": replay.cut_off,
        "changes": [
            {"recorded": before, "instead": after, "count": count}
            for (before, after), count in sorted(replay.changes.items(), key=_weight)
        ],
    }


def _rules_document(rules: Rules) -> Members:
    return {"cdi": rules.cdi, "settings": dict(rules.settings)}


def _row_document(one: Compared) -> Members:
    entry = one.told.evidence.entry
    request = entry.exchange.request
    return {
        "index": one.told.index,
        "started_at": iso_time(entry.started_at_ms) if entry.started_at_ms else None,
        "request": f"{request.method} {request.path}",
        "recorded": _outcome_document(one.recorded),
        "reproduced": one.is_reproduced,
        "ended_outside": one.ended_outside,
        "instead": _outcome_document(one.instead),
        "differs": one.differs,
    }


def _outcome_document(outcome: Outcome) -> Members:
    return {
        "error": outcome.error,
        "handler": outcome.handler,
        "reuse_subtype": outcome.reuse,
        "never_sent_since": outcome.missing_since,
    }
