"""Several calls under way at once, their answers in order, with a clean end."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

from stctl.cdi.fleet.pace import Stop

_In = TypeVar("_In")
_Out = TypeVar("_Out")


def in_order(
    work: Callable[[_In], _Out], items: Iterable[_In], *, workers: int, stop: Stop
) -> Iterator[tuple[_In, _Out]]:
    """Yield each item with `work(item)`, in order, with at most `workers` under way.

    Once `stop` is asked, what was begun is still finished and yielded, and nothing else begun: so
    whoever notes what comes out knows all that was done. `work` should not raise.
    """
    waiting = iter(items)
    if workers == 1:
        yield from ((item, work(item)) for item in _until(stop, waiting))
        return
    pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="stctl-crew")
    begun: deque[tuple[_In, Future[_Out]]] = deque()
    is_patient = True
    try:
        while True:
            # Twice as many as can be worked on: nobody idles while the first is waited for.
            room = 2 * workers - len(begun)
            begun.extend(
                (item, pool.submit(work, item)) for item in islice(_until(stop, waiting), room)
            )
            if not begun:
                return
            item, future = begun.popleft()
            yield item, future.result()
    except KeyboardInterrupt:
        # Whoever insists is not kept waiting for answers.
        is_patient = False
        raise
    finally:
        pool.shutdown(wait=is_patient, cancel_futures=True)


def _until(stop: Stop, items: Iterator[_In]) -> Iterator[_In]:
    while not stop.is_asked:
        try:
            yield next(items)
        except StopIteration:
            return
