"""How the sessions of a user look."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from stctl.jsontypes import JsonObject
from stctl.render.sessions.pieces import Asked, compact, info_document, shortened
from stctl.render.sessions.times import moment
from stctl.render.view import (
    Block,
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
from stctl.render.wording import count_of
from stctl.sessions.info import SessionInfo
from stctl.tokens.times import duration_text, relative_text

_TABLE_FROM = 100
"""Columns from which on a session gets one row."""
_TIMES_FROM = 120
"""Columns from which on times are shown absolutely too."""
_LEAST_PAYLOAD = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The sessions of a user, or one page of them; what they are like is read when it is shown."""

    user_id: str
    across_tenants: bool
    linked_accounts: bool
    total: int
    """How many there are on all pages."""
    page: int
    pages: int
    handles: Sequence[str]
    """Those of this page."""
    read: Callable[[], Iterator[SessionInfo]]
    """Asks for each handle; those that have ended meanwhile are left out."""


def listing(found: Listing, asked: Asked) -> Presentation:
    """Present the sessions of a user; newest first, except where they are streamed."""
    return Presentation(
        schema="stctl.sessions.list/1",
        view=lambda width: _view(found, asked, width),
        document=lambda: _document(found, asked),
        rows=lambda: map(info_document, found.read()),
        ids=lambda: found.handles,
    )


def _newest_first(found: Listing) -> list[SessionInfo]:
    return sorted(found.read(), key=lambda info: (-info.created_at_ms, info.handle))


def _document(found: Listing, asked: Asked) -> JsonObject:
    sessions = _newest_first(found)
    return {
        **asked.document(),
        "user_id": found.user_id,
        "across_tenants": found.across_tenants,
        "linked_accounts": found.linked_accounts,
        "total": found.total,
        "page": found.page,
        "pages": found.pages,
        "sessions": [info_document(info) for info in sessions],
        "ended_meanwhile": len(found.handles) - len(sessions),
    }


def _view(found: Listing, asked: Asked, width: int) -> Iterator[Block]:
    sessions = _newest_first(found)
    yield Heading(_title(found))
    if sessions:
        grid = _Grid(sessions, asked, width, found.user_id)
        yield Gap()
        yield from [grid.table()] if grid.fits else grid.stack()
    missing = len(found.handles) - len(sessions)
    if missing:
        yield Gap()
        yield Note("info", line(f"{count_of(missing, 'session')} ended while the list was read"))
    if found.page < found.pages:
        yield Gap()
        yield Note(
            "info",
            line(f"Page {found.page} of {found.pages}; next: ", name(f"--page {found.page + 1}")),
        )


def _title(found: Listing) -> Line:
    scope = [] if found.across_tenants else ["this tenant"]
    scope += [] if found.linked_accounts else ["without linked accounts"]
    more = dim(f", {', '.join(scope)}") if scope else ""
    count = count_of(found.total, "session") if found.total else "No session"
    return line(strong(f"{count} of user "), name(found.user_id), more)


@dataclass(frozen=True, slots=True)
class _Grid:
    """The same facts of each session, side by side or below each other."""

    sessions: Sequence[SessionInfo]
    asked: Asked
    width: int
    user_id: str

    @property
    def fits(self) -> bool:
        """Whether there is room for a table with a payload of some length."""
        return self.width >= _TABLE_FROM and self._room_for_payload() >= _LEAST_PAYLOAD

    def table(self) -> Table:
        """Return one row a session; what is too long of a payload is cut off."""
        room = self._room_for_payload()
        rows = [
            [line(name(handle)), *map(line, rest), line(dim(self._payload(info, room)))]
            for info, (handle, *rest) in ((info, self._cells(info)) for info in self.sessions)
        ]
        return Table([*self._titles(), "PAYLOAD"], rows)

    def stack(self) -> Iterator[Block]:
        """Yield a few lines a session, for narrow screens."""
        labels = [title.lower() for title in self._titles()]
        for info in self.sessions:
            rows = list(zip(labels, map(line, self._cells(info)), strict=True))
            payload = ("payload", line(dim(self._payload(info, 2 * self.width))))
            yield Heading(line(name(info.handle)))
            yield Facts([*rows[1:], payload])

    def _room_for_payload(self) -> int:
        columns = zip(self._titles(), *map(self._cells, self.sessions), strict=True)
        return self.width - sum(max(map(len, column)) + 2 for column in columns) - 2

    def _titles(self) -> list[str]:
        times = (
            ["CREATED (UTC)", "AGE", "EXPIRES (UTC)"] if self._is_wide else ["CREATED", "EXPIRES"]
        )
        return ["HANDLE", *times, "TENANT", *(["RECIPE USER"] if self._has_others else [])]

    def _cells(self, info: SessionInfo) -> list[str]:
        others = [info.recipe_user_id] if self._has_others else []
        return [info.handle, *self._times(info), info.tenant_id, *others]

    def _times(self, info: SessionInfo) -> list[str]:
        created, expires, now = info.created_at_ms, info.expires_at_ms, self.asked.now_ms
        if not self._is_wide:
            return [relative_text(created, now), relative_text(expires, now)]
        return [
            moment(created).removesuffix(" UTC"),
            duration_text(max(0, now - created)),
            moment(expires).removesuffix(" UTC"),
        ]

    @property
    def _is_wide(self) -> bool:
        return self.width >= _TIMES_FROM

    @property
    def _has_others(self) -> bool:
        """Whether sessions of linked accounts are among them."""
        return any(info.recipe_user_id != self.user_id for info in self.sessions)

    def _payload(self, info: SessionInfo, width: int) -> str:
        return shortened(compact(info.user_data_in_jwt), width)
