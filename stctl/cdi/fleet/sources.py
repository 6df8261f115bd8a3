"""Whose sessions are worked on: all users, some users, or the lines of a file.

A source yields its parts in an order that stays the same, each with its position, and can begin
after any of them.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from stctl.cdi.client import CdiClient
from stctl.cdi.fleet.pace import Pace
from stctl.cdi.people import USERS_AT_MOST
from stctl.errors import ErrorKind, StctlError
from stctl.sessions.fleet import Position
from stctl.sessions.people import User, UserPage, UserSearch

BATCH = 100
"""Handles of a file that are dealt with at once, and handles in one call."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A user to ask about, or some handles that need no asking."""

    position: Position
    client: CdiClient
    """Speaks for the tenant that counts."""
    user_id: str | None
    handles: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What to call it in messages."""
        if self.user_id is not None:
            return f"user {self.user_id}"
        return f"{len(self.handles)} handles from {self.handles[0]} on"


class Source(Protocol):
    """Something that names users or sessions."""

    def subjects(self, after: Position | None) -> Iterator[Subject]:
        """Yield what comes after a position, or everything."""
        ...


@dataclass(frozen=True, slots=True)
class AllUsers:
    """Every user of some tenants, page by page. A user of several is met in the first.

    A core has no list of all sessions, so those of ids that are no users are not found. Source:
    core, behaviour notes 2.6.
    """

    client: CdiClient
    tenants: Sequence[str]
    pace: Pace

    def subjects(self, after: Position | None) -> Iterator[Subject]:
        """Yield the users, oldest first."""
        start = self.tenants.index(str(after["tenant"])) if after else 0
        for number in range(start, len(self.tenants)):
            begin = after if after and number == start else None
            yield from self._of_tenant(number, begin)

    def _of_tenant(self, number: int, after: Position | None) -> Iterator[Subject]:
        tenant = self.tenants[number]
        earlier = frozenset(self.tenants[:number])
        client = self.client.in_tenant(tenant)
        token = str(after["page"]) if after and after["page"] else None
        while True:
            page = self._page(client, token)
            users = page.users if after is None else _rest(page.users, after)
            after = None
            for user in users:
                if not earlier.intersection(user.tenant_ids):
                    yield Subject(_position(tenant, token, user), client, user.user_id)
            token = page.next_token
            if token is None:
                return

    def _page(self, client: CdiClient, token: str | None) -> UserPage:
        return self.pace.call(
            lambda: client.users_page(UserSearch(), limit=USERS_AT_MOST, token=token)
        )


@dataclass(frozen=True, slots=True)
class SomeUsers:
    """Users by their ids."""

    client: CdiClient
    user_ids: Sequence[str]

    def subjects(self, after: Position | None) -> Iterator[Subject]:
        """Yield them in the given order."""
        for number in range(_following(after), len(self.user_ids)):
            yield Subject({"number": number}, self.client, self.user_ids[number])


@dataclass(frozen=True, slots=True)
class FromLines:
    """Sessions and users as lines name them: a bare handle, or JSON as stctl prints it.

    JSON with a `handle` names a session, otherwise `user_id` or `id` names a user.
    """

    client: CdiClient
    open_lines: Callable[[], Iterable[str]]

    def subjects(self, after: Position | None) -> Iterator[Subject]:
        """Yield users one by one, and handles in batches, in the order of the lines."""
        waiting: list[str] = []
        number = -1
        lines = enumerate(self.open_lines())
        for number, text in islice(lines, _following(after), None):
            user_id, handle = _read_line(text, number)
            if handle is not None:
                waiting.append(handle)
            if user_id is not None:
                # The handles before it come first, so that the position covers them as well.
                yield from self._batch(waiting, number - 1)
                yield Subject({"number": number}, self.client, user_id)
                waiting = []
            if len(waiting) == BATCH:
                yield from self._batch(waiting, number)
                waiting = []
        yield from self._batch(waiting, number)

    def _batch(self, handles: list[str], number: int) -> Iterator[Subject]:
        if handles:
            yield Subject({"number": number}, self.client, None, tuple(handles))


@dataclass(frozen=True, slots=True)
class Several:
    """Sources one after the other."""

    sources: Sequence[Source]

    def subjects(self, after: Position | None) -> Iterator[Subject]:
        """Yield the subjects of each."""
        start = _whole(after, "source") if after else 0
        for number in range(start, len(self.sources)):
            begin = after if after and number == start else None
            for subject in self.sources[number].subjects(begin):
                position = {"source": number, **subject.position}
                yield Subject(position, subject.client, subject.user_id, subject.handles)


def _position(tenant: str, token: str | None, user: User) -> Position:
    return {"tenant": tenant, "page": token, "user": user.user_id, "joined": user.joined_at_ms}


def _rest(users: Sequence[User], after: Position) -> Sequence[User]:
    """What follows a user on its page; when it is gone, all that joined no earlier than it."""
    for number, user in enumerate(users):
        if user.user_id == after["user"]:
            return users[number + 1 :]
    joined = _whole(after, "joined")
    return [user for user in users if user.joined_at_ms >= joined]


def _following(after: Position | None) -> int:
    return 0 if after is None else _whole(after, "number") + 1


def _whole(position: Position, name: str) -> int:
    value = position[name]
    assert isinstance(value, int)  # noqa: S101 - written by this module
    return value


def _read_line(text: str, number: int) -> tuple[str | None, str | None]:
    """Return the user id or the handle that a line names; neither for an empty one."""
    text = text.strip()
    if not text.startswith("{"):
        return None, text or None
    try:
        row = json.loads(text)
        handle, user_id = row.get("handle"), row.get("user_id", row.get("id"))
    except (ValueError, RecursionError) as error:
        raise _unreadable(number, "is no JSON") from error
    if isinstance(handle, str) and handle:
        return None, handle
    if isinstance(user_id, str) and user_id:
        return user_id, None
    raise _unreadable(number, "names neither a `handle` nor a `user_id`")


def _unreadable(number: int, problem: str) -> StctlError:
    return StctlError(
        ErrorKind.INPUT_UNREADABLE,
        f"Line {number + 1} of the list {problem}.",
        hint="Write a session handle a line, or JSON lines as `-o ndjson` prints them.",
    )
