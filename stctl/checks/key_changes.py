"""What has changed between two looks at a key set."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from stctl.checks.keyset import KeySituation
from stctl.clock import Clock
from stctl.errors import StctlError

ChangeKind = Literal["first-look", "published", "withdrawn", "signer", "unreachable", "reachable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyChange:
    """One thing that was noticed."""

    at_ms: int
    kind: ChangeKind
    kid: str | None = None
    """The key it is about; None where it is about none."""
    before: str | None = None
    """The key that signed before (`signer`)."""
    detail: str = ""


def watch_keys(
    look: Callable[[], KeySituation], clock: Clock, every_ms: int, count: int | None
) -> Iterator[KeyChange]:
    """Look again and again, and tell what changes; the first look is told too.

    `count` is the number of looks; None looks for ever. A core that cannot be asked is a change
    as well, and is looked at again.
    """
    before: KeySituation | None = None
    is_down = False
    looks = 0
    while True:
        try:
            now = look()
        except StctlError as error:
            if not is_down:
                yield KeyChange(at_ms=clock.now_ms(), kind="unreachable", detail=error.detail)
            is_down = True
        else:
            if is_down:
                yield KeyChange(at_ms=now.now_ms, kind="reachable")
            is_down = False
            yield from _changes(before, now)
            before = now
        looks += 1
        if count is not None and looks >= count:
            return
        clock.wait_ms(every_ms)


def _changes(before: KeySituation | None, now: KeySituation) -> Iterator[KeyChange]:
    if before is None:
        kids = ", ".join(one.kid for one in now.keys)
        yield KeyChange(at_ms=now.now_ms, kind="first-look", kid=now.signer, detail=kids)
        return
    old, new = {one.kid for one in before.keys}, {one.kid for one in now.keys}
    for kid in sorted(new - old):
        yield KeyChange(at_ms=now.now_ms, kind="published", kid=kid)
    if before.signer != now.signer:
        yield KeyChange(at_ms=now.now_ms, kind="signer", kid=now.signer, before=before.signer)
    for kid in sorted(old - new):
        yield KeyChange(at_ms=now.now_ms, kind="withdrawn", kid=kid)
