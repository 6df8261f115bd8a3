"""Work that takes several calls: a user's sessions in detail."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from stctl.cdi.client import CdiClient
from stctl.errors import ErrorKind, StctlError
from stctl.sessions.answers import Unauthorised
from stctl.sessions.info import SessionInfo

WORKERS = 8
"""How many calls are under way at once: fewer than a core has threads by default."""

_In = TypeVar("_In")
_Out = TypeVar("_Out")


def sessions_in_detail(
    client: CdiClient, handles: Sequence[str], *, workers: int = WORKERS
) -> Iterator[tuple[str, SessionInfo | Unauthorised]]:
    """Yield each handle with what the core says of it, in order, as the answers come in.

    A session may end between being listed and being asked for: then it is UNAUTHORISED. Memory
    does not grow with the number of handles.
    """
    return zip(handles, in_parallel(client.get_session, handles, workers=workers), strict=True)


def in_parallel(
    ask: Callable[[_In], _Out], items: Iterable[_In], *, workers: int = WORKERS
) -> Iterator[_Out]:
    """Yield `ask(item)` for each item, in order, with at most `workers` under way.

    An exception of `ask` comes out at its place in the order; what was not begun then never is.
    """
    waiting = iter(items)
    pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="stctl-ask")
    try:
        begun: deque[Future[_Out]] = deque(
            pool.submit(ask, item) for item in islice(waiting, workers)
        )
        while begun:
            result = begun.popleft().result()
            begun.extend(pool.submit(ask, item) for item in islice(waiting, 1))
            yield result
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some of a user's handles, in an order that stays the same while the sessions do."""

    handles: tuple[str, ...]
    total: int
    number: int
    pages: int


def page_of(handles: Iterable[str], *, limit: int | None, number: int = 1) -> Page:
    """Cut a list of handles, which a core gives in no order, into pages of `limit`.

    Without a limit everything is one page. Pages count from 1; raises USAGE for one beyond the
    last.
    """
    ordered = sorted(handles)
    size = limit or max(len(ordered), 1)
    pages = max(1, -(-len(ordered) // size))
    if not 1 <= number <= pages:
        raise StctlError(
            ErrorKind.USAGE, f"there is no page {number}: the list has {pages} of {size} each"
        )
    return Page(
        handles=tuple(ordered[(number - 1) * size : number * size]),
        total=len(ordered),
        number=number,
        pages=pages,
    )
