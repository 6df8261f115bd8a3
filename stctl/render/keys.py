"""How a key set and its changes look."""

from collections.abc import Iterator, Sequence

from stctl.checks.key_changes import KeyChange
from stctl.checks.keyset import OVERLAP_MS, KeySituation, PublishedKey
from stctl.jsontypes import JsonObject, JsonValue
from stctl.render.sessions.times import moment, moment_in_words
from stctl.render.view import (
    Block,
    Facts,
    Heading,
    Line,
    Note,
    Presentation,
    Table,
    dim,
    good,
    line,
    name,
    strong,
    warn,
)
from stctl.tokens.times import duration_text

_ROLES = {
    ("dynamic", "signs"): "signs session tokens",
    ("dynamic", "next"): "signs next",
    ("dynamic", "verifies"): "verifies only",
    ("static", "signs"): "signs for those who ask for a static key",
    ("static", "next"): "verifies only",
    ("static", "verifies"): "verifies only",
}


def listing(place: str, found: KeySituation) -> Presentation:
    """Present the keys of a set."""
    return Presentation(
        schema="stctl.keys.list/1",
        view=lambda _width: _listing_view(place, found),
        document=lambda: _document(place, found),
        rows=lambda: (_row(one, found.now_ms) for one in found.keys),
        ids=lambda: [one.kid for one in found.keys],
    )


def _listing_view(place: str, found: KeySituation) -> Iterator[Block]:
    yield Heading(line(strong(place)))
    rows = [
        [line(name(one.kid)), line(one.kind), line(_age(one, found.now_ms)), _role(one)]
        for one in found.keys
    ]
    yield Table(["KEY", "KIND", "AGE", "NOW"], rows)
    yield Facts([*_rotation(found)])
    ahead = [
        one.kid for one in found.dynamic if (one.created_at_ms or 0) > found.now_ms + OVERLAP_MS
    ]
    for kid in ahead:
        yield Note("warn", line(f"{kid} is from the future: the core's clock is ahead of this one"))


def _age(one: PublishedKey, now_ms: int) -> str:
    if one.created_at_ms is None:
        return "not told"
    return duration_text(max(0, now_ms - one.created_at_ms))


def _role(one: PublishedKey) -> Line:
    words = _ROLES[one.kind, one.role]
    return line(good(words) if one.role == "signs" else dim(words))


def _rotation(found: KeySituation) -> Iterator[tuple[str, Line]]:
    if found.max_age_s is None:
        yield "next rotation", line(dim("not told: there is no cache header"))
        return
    yield "may be kept", line(duration_text(found.max_age_s * 1000))
    if found.next_key_at_ms is None or not found.dynamic:
        return
    if found.is_due:
        yield "next key", line(warn("due"), dim(", with the next use of the keys"))
        return
    yield "next key", moment_in_words(found.next_key_at_ms, found.now_ms)
    yield "signs from", line(moment(found.next_key_at_ms + OVERLAP_MS))
    if found.interval_ms is not None:
        yield "a key signs for", line(duration_text(found.interval_ms))


def _row(one: PublishedKey, now_ms: int) -> dict[str, JsonValue]:
    age_ms = None if one.created_at_ms is None else now_ms - one.created_at_ms
    return {
        "kid": one.kid,
        "kind": one.kind,
        "role": one.role,
        "created_at_ms": one.created_at_ms,
        "age_ms": age_ms,
    }


def _document(place: str, found: KeySituation) -> JsonObject:
    return {
        "place": place,
        "now_ms": found.now_ms,
        "keys": [_row(one, found.now_ms) for one in found.keys],
        "signs": found.signer,
        "signs_static": found.static_signer,
        "max_age_s": found.max_age_s,
        "interval_ms": found.interval_ms,
        "next_key_at_ms": found.next_key_at_ms if found.dynamic else None,
        "is_due": found.is_due,
    }


def watching(changes: Sequence[KeyChange]) -> Presentation:
    """Present changes of a key set."""
    return Presentation(
        schema="stctl.keys.watch/1",
        view=lambda _width: (_change_note(one) for one in changes),
        document=lambda: {"changes": [_change_row(one) for one in changes]},
        rows=lambda: map(_change_row, changes),
        ids=lambda: [one.kid for one in changes if one.kid],
    )


def _change_note(one: KeyChange) -> Note:
    when = dim(f"{moment(one.at_ms)}  ")
    match one.kind:
        case "first-look":
            signs = line("; ", name(one.kid), " signs") if one.kid else line("")
            return Note("info", line(when, "Keys: ", one.detail or "none", signs))
        case "published":
            return Note("good", line(when, "Published ", name(one.kid or "")))
        case "withdrawn":
            return Note("warn", line(when, "Withdrawn ", name(one.kid or "")))
        case "signer":
            before = dim(f", before it {one.before}") if one.before else ""
            return Note("good", line(when, "Now signs ", name(one.kid or "none"), before))
        case "unreachable":
            return Note("bad", line(when, one.detail))
        case "reachable":
            return Note("good", line(when, "The core answers again"))


def _change_row(one: KeyChange) -> dict[str, JsonValue]:
    return {
        "at_ms": one.at_ms,
        "kind": one.kind,
        "kid": one.kid,
        "before": one.before,
        "detail": one.detail,
    }
