from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from stctl.clock import SeededEntropy
from stctl.tokens.codec import encode_base64url, write_json
from stctl.traces.link import Evidence, LinkedItem, LinkedRequest, Linker, LoneCall, link
from stctl.traces.model import Damage, Entry, Peer, Span, Timing
from trace_help import SAMPLES, START_MS, TRACES, entries_of, exchange, recorded_entries

CORE = "http://localhost:3567"
VERIFY = f"{CORE}/recipe/session/verify"
REFRESH = f"{CORE}/recipe/session/refresh"
REMOVE = f"{CORE}/recipe/session/remove"
APP_REFRESH = "http://localhost:3001/auth/session/refresh"

Order = Callable[[Sequence[Entry]], Sequence[Entry]]


def by_end(entries: Sequence[Entry]) -> Sequence[Entry]:
    return sorted(entries, key=lambda entry: entry.ended_at_ms)


ORDERS: list[Order] = [list, by_end]


def token(user: str, handle: str) -> str:
    claims = encode_base64url(write_json({"sub": user, "sessionHandle": handle}))
    return f"{encode_base64url(b'{}')}.{claims}.sig-{handle}"


def owners(items: Iterable[LinkedItem]) -> dict[int, int | None]:
    """By the index of a call to the core: the index of its request."""
    found: dict[int, int | None] = {}
    for item in items:
        if isinstance(item, LinkedRequest):
            found |= {call.entry.index: item.entry.index for call in item.calls}
        elif isinstance(item, LoneCall):
            found[item.entry.index] = None
    return found


def evidence(items: Iterable[LinkedItem]) -> dict[int, Evidence]:
    requests = [item for item in items if isinstance(item, LinkedRequest)]
    return {call.entry.index: call.evidence for one in requests for call in one.calls}


def cookies(access: str) -> list[tuple[str, str]]:
    return [("Cookie", f"sAccessToken={access}")]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("path", TRACES, ids=lambda path: path.name)
def test_recordings_without_their_hints_are_linked_as_recorded(path: Path, order: Order) -> None:
    entries = recorded_entries(path)
    bare = [replace(entry, peer=None, initiator=None) for entry in entries]
    items = list(link(order(bare)))
    cores = {entry.index: entry.initiator for entry in entries if entry.peer == Peer.BACKEND_CORE}
    assert owners(items) == cores
    requests = [item.entry.index for item in items if isinstance(item, LinkedRequest)]
    assert sorted(requests + list(cores)) == [entry.index for entry in entries]


def test_what_the_recording_says_is_believed() -> None:
    entries = [
        exchange(0, at_ms=0, headers=cookies(token("u", "a")), peer=Peer.BROWSER_BACKEND),
        exchange(1, at_ms=1, peer=Peer.BROWSER_BACKEND),
        exchange(
            2,
            VERIFY,
            at_ms=2,
            body={"accessToken": token("u", "a")},
            peer=Peer.BACKEND_CORE,
            initiator=1,
        ),
    ]
    items = list(link(entries))
    assert owners(items) == {2: 1}
    assert evidence(items) == {2: Evidence.RECORDED}


@pytest.mark.parametrize("order", ORDERS)
def test_parallel_requests_are_told_apart_by_their_tokens(order: Order) -> None:
    first, second = token("u", "a"), token("u", "b")
    entries = [
        exchange(0, at_ms=0, lasts_ms=50, headers=cookies(first)),
        exchange(1, at_ms=1, lasts_ms=50, headers=cookies(second)),
        exchange(2, VERIFY, method="POST", at_ms=5, body={"accessToken": second}),
        exchange(3, VERIFY, method="POST", at_ms=6, body={"accessToken": first}),
    ]
    items = list(link(order(entries)))
    assert owners(items) == {2: 1, 3: 0}
    assert set(evidence(items).values()) == {Evidence.TOKEN}


@pytest.mark.parametrize("order", ORDERS)
def test_a_race_with_one_refresh_token_is_told_apart_by_the_answers(order: Order) -> None:
    sent = [("Cookie", "sRefreshToken=r%2F1")]

    def race(index: int, new: str) -> Entry:
        set_cookie = [("Set-Cookie", f'sRefreshToken="{new}%2F"; Path=/auth/session/refresh')]
        return exchange(
            index,
            APP_REFRESH,
            method="POST",
            at_ms=index,
            lasts_ms=40,
            headers=sent,
            answer_headers=set_cookie,
        )

    def call(index: int, new: str) -> Entry:
        answer = {"status": "OK", "refreshToken": {"token": f"{new}/"}}
        body = {"refreshToken": "r/1"}
        return exchange(index, REFRESH, method="POST", at_ms=index, body=body, answer=answer)

    entries = [race(0, "new-one"), race(1, "new-two"), call(2, "new-two"), call(3, "new-one")]
    items = list(link(order(entries)))
    assert owners(items) == {2: 1, 3: 0}
    assert set(evidence(items).values()) == {Evidence.ANSWER}


@pytest.mark.parametrize("order", ORDERS)
def test_calls_without_tokens_follow_the_session_and_the_user(order: Order) -> None:
    first, second = token("anna", "a"), token("bert", "b")
    entries = [
        exchange(0, "http://localhost:3001/logout", at_ms=0, lasts_ms=50, headers=cookies(first)),
        exchange(1, "http://localhost:3001/logout", at_ms=1, lasts_ms=50, headers=cookies(second)),
        exchange(2, REMOVE, method="POST", at_ms=5, body={"sessionHandles": ["b"]}),
        exchange(3, f"{CORE}/user/id?userId=anna", at_ms=6),
        exchange(4, f"{CORE}/recipe/session?sessionHandle=a", at_ms=7),
    ]
    items = list(link(order(entries)))
    assert owners(items) == {2: 1, 3: 0, 4: 0}
    assert set(evidence(items).values()) == {Evidence.SESSION}


@pytest.mark.parametrize("order", ORDERS)
def test_a_call_may_carry_what_an_earlier_call_brought(order: Order) -> None:
    new = token("u", "fresh")
    entries = [
        exchange(0, "http://localhost:3001/login", method="POST", at_ms=0, lasts_ms=60),
        exchange(1, "http://localhost:3001/login", method="POST", at_ms=1, lasts_ms=60),
        exchange(
            2,
            f"{CORE}/public/recipe/session",
            method="POST",
            at_ms=3,
            lasts_ms=2,
            answer={"accessToken": {"token": new}, "session": {"handle": "fresh"}},
        ),
        exchange(
            3,
            f"{CORE}/recipe/session/regenerate",
            method="POST",
            at_ms=30,
            body={"accessToken": new},
        ),
    ]
    found = owners(link(order(entries)))
    assert found[2] == found[3]


def test_a_call_with_another_token_is_not_the_requests_own() -> None:
    entries = [
        exchange(0, at_ms=0, headers=cookies(token("u", "a"))),
        exchange(1, VERIFY, method="POST", at_ms=2, body={"accessToken": token("v", "b")}),
    ]
    assert owners(link(entries)) == {1: None}


def test_preflights_call_no_core() -> None:
    entries = [
        exchange(0, at_ms=0, lasts_ms=30),
        exchange(1, method="OPTIONS", at_ms=1, lasts_ms=30),
        exchange(2, f"{CORE}/apiversion", at_ms=2),
    ]
    assert owners(link(entries)) == {2: 0}


def test_a_call_far_outside_every_request_is_alone() -> None:
    entries = [exchange(0, at_ms=0), exchange(1, f"{CORE}/apiversion", at_ms=5_000)]
    assert owners(link(entries)) == {1: None}


def test_clocks_that_differ_by_a_little_do_no_harm() -> None:
    access = token("u", "a")
    entries = [
        exchange(0, at_ms=10, headers=cookies(access)),
        exchange(1, VERIFY, method="POST", at_ms=4, body={"accessToken": access}),
        exchange(2, VERIFY, method="POST", at_ms=60, body={"accessToken": access}),
    ]
    assert owners(link(entries)) == {1: 0, 2: 0}


def test_retries_after_429_belong_to_one_refresh() -> None:
    sent = [("Cookie", "sRefreshToken=r")]
    body = {"refreshToken": "r"}
    entries = [exchange(0, APP_REFRESH, method="POST", lasts_ms=2_000, headers=sent)]
    entries += [
        exchange(n, REFRESH, method="POST", at_ms=300 * n, body=body, status=429)
        for n in range(1, 6)
    ]
    assert owners(link(entries)) == dict.fromkeys(range(1, 6), 0)
    assert owners(link(by_end(entries))) == dict.fromkeys(range(1, 6), 0)


def test_a_recording_of_one_side_alone_works() -> None:
    browser = [exchange(n, at_ms=100 * n) for n in range(5)]
    items = list(link(browser))
    assert [item.entry.index for item in items if isinstance(item, LinkedRequest)] == [*range(5)]
    assert all(isinstance(item, LinkedRequest) and item.calls == () for item in items)
    core = [exchange(n, VERIFY, method="POST", at_ms=100 * n) for n in range(5)]
    assert owners(link(core)) == dict.fromkeys(range(5))


def test_requests_come_out_in_their_order_and_all_else_as_it_is() -> None:
    damage = Damage(position="line 1", offset=0, reason="x")
    entries = [exchange(n, at_ms=30_000 * n, lasts_ms=40_000 if n == 0 else 1) for n in range(4)]
    items = list(link([entries[0], damage, *entries[1:]]))
    assert items[0] is damage
    assert [item.entry.index for item in items if isinstance(item, LinkedRequest)] == [0, 1, 2, 3]


def test_exchanges_without_a_time_are_linked_by_tokens_alone() -> None:
    access = token("u", "a")
    entries = [
        exchange(0, headers=cookies(access), timing=Timing.UNKNOWN),
        exchange(1, headers=cookies(token("u", "b")), timing=Timing.UNKNOWN),
        exchange(2, VERIFY, method="POST", body={"accessToken": access}, timing=Timing.UNKNOWN),
    ]
    assert owners(link(entries)) == {2: 0}


def test_spans_are_linked_by_their_trace() -> None:
    items = list(link(entries_of((SAMPLES / "otlp_node.json").read_bytes())))
    assert owners(items) == {0: 1, 2: 3, 4: None}
    assert set(evidence(items).values()) == {Evidence.TRACE}


def spanned(entry: Entry, trace: str, own: str, parent: str | None, *, server: bool) -> Entry:
    span = Span(trace_id=trace, span_id=own, parent_id=parent, is_server=server)
    return replace(entry, span=span)


def test_an_exchange_told_by_both_of_its_parties_is_one_exchange() -> None:
    entries = [
        spanned(exchange(0, at_ms=0, lasts_ms=50), "t", "browser", None, server=False),
        spanned(exchange(1, at_ms=1, lasts_ms=48), "t", "backend", "browser", server=True),
        spanned(exchange(2, VERIFY, at_ms=5), "t", "call", "backend", server=False),
        spanned(exchange(3, VERIFY, at_ms=6), "t", "core", "call", server=True),
        spanned(exchange(4, "http://mail/send", at_ms=7), "t", "mail", "backend", server=False),
    ]
    for given in (entries, entries[::-1]):
        items = list(link(given))
        assert [item.entry.index for item in items if isinstance(item, LinkedRequest)] == [1]
        assert owners(items) == {2: 1}


def test_a_live_trace_gives_on_what_is_over_when_time_passes() -> None:
    linker = Linker(patience_ms=300)
    assert list(linker.add(exchange(0, at_ms=0))) == []
    assert list(linker.advance(START_MS + 200)) == []
    (item,) = linker.advance(START_MS + 1_000)
    assert isinstance(item, LinkedRequest)
    assert list(linker.close()) == []


def test_a_live_trace_without_times_gives_on_what_there_is_when_nothing_comes() -> None:
    linker = Linker()
    assert list(linker.add(exchange(0, timing=Timing.UNKNOWN))) == []
    assert [type(item) for item in linker.advance(START_MS)] == [LinkedRequest]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("order", ORDERS)
def test_dense_traffic_is_linked_without_a_fault(seed: int, order: Order) -> None:
    entropy = SeededEntropy(seed)

    def pick(*numbers: int) -> int:
        return numbers[int(entropy.fraction() * len(numbers))]

    entries: list[Entry] = []
    truth: dict[int, int] = {}
    at_ms = 0
    drafts: list[tuple[int, Entry, Entry | None]] = []
    for number in range(600):
        at_ms += pick(0, 1, 2, 3)
        lasts_ms = pick(20, 60, 250, 4_000)
        access = token(f"user-{number}", f"handle-{number}")
        request = exchange(0, at_ms=at_ms, lasts_ms=lasts_ms, headers=cookies(access))
        call = exchange(
            0,
            VERIFY,
            method="POST",
            at_ms=at_ms + pick(*range(1, 10)),
            lasts_ms=5,
            body={"accessToken": access},
        )
        drafts.append((number, request, call if entropy.fraction() < 0.7 else None))
    timed = [(request.started_at_ms, 0, number, request) for number, request, _ in drafts]
    timed += [(call.started_at_ms, 1, number, call) for number, _, call in drafts if call]
    places: dict[int, int] = {}
    for index, (_, kind, number, entry) in enumerate(sorted(timed, key=lambda one: one[:3])):
        entries.append(replace(entry, index=index))
        if kind == 0:
            places[number] = index
        else:
            truth[index] = places[number]
    assert owners(link(order(entries))) == truth


def test_the_window_is_bounded_however_long_a_request_stays_open() -> None:
    linker = Linker()
    most = 0
    list(linker.add(exchange(0, at_ms=0, lasts_ms=10_000_000)))
    for number in range(1, 20_000):
        list(linker.add(exchange(number, at_ms=number)))
        most = max(most, len(linker._requests))
    assert most <= 4_097
