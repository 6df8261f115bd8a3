"""A recording is whole after each exchange, and readable wherever its writer was killed."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from recording_stand import FACTS
from stctl.traces.model import Entry, Gap, Peer
from stctl.traces.record.files import HarFile, NdjsonFile, open_file
from stctl.traces.recording import entry_line
from trace_help import TRACES, entries_of, exchange, items_of, parted, recorded_entries

ENTRIES = recorded_entries(TRACES[-2])[:4]
NAMES = ["t.ndjson", "t.har"]


def written(path: Path, entries: list[Entry]) -> list[bytes]:
    """The file after each exchange."""
    file = open_file(path, force=False, append=False, facts=FACTS)
    states = []
    for entry in entries:
        file.write(entry, entry_line(entry))
        states.append(path.read_bytes())
    file.close()
    return states


def told(entries: list[Entry]) -> list[str]:
    return [entry_line(entry) for entry in entries]


@pytest.mark.parametrize("name", NAMES)
def test_after_each_exchange_the_file_is_whole(name: str, tmp_path: Path) -> None:
    for number, state in enumerate(written(tmp_path / name, ENTRIES), start=1):
        assert told(entries_of(state)) == told(ENTRIES[:number])
        if name == "t.har":
            assert len(json.loads(state)["log"]["entries"]) == number


def test_a_har_without_exchanges_is_one(tmp_path: Path) -> None:
    path = tmp_path / "t.har"
    open_file(path, force=False, append=False, facts=FACTS).close()
    assert json.loads(path.read_bytes())["log"]["entries"] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_write_that_was_cut_anywhere_costs_one_exchange_at_most(
    name: str, tmp_path: Path
) -> None:
    before, after = written(tmp_path / name, ENTRIES[:3])[1:]
    same = len(os.path.commonprefix([before, after]))  # noqa: RUF071 - bytes, not paths
    for cut in range(same, len(after), 7):
        # What a write has not reached is as it was: the old end, if the file was as long.
        state = after[:cut] + before[cut:]
        entries, _damage = parted(items_of(state))
        assert told(entries)[:2] == told(ENTRIES[:2])


def with_remarks() -> Entry:
    entry = exchange(0, method="POST", body={"a": 1}, answer={"b": 2}, peer=Peer.BACKEND_CORE)
    return replace(entry, connection="connection refused", initiator=None)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "entry",
    [
        with_remarks(),
        exchange(0, status=0),
        replace(exchange(0), gaps=frozenset({Gap.REQUEST_BODY, Gap.RESPONSE_BODY})),
        exchange(0, headers=(("A", "1"), ("a", "2")), answer_headers=(("Set-Cookie", "ü=1"),)),
    ],
)
def test_both_forms_keep_everything(name: str, entry: Entry, tmp_path: Path) -> None:
    written(tmp_path / name, [entry])
    (found,) = entries_of((tmp_path / name).read_bytes())
    same = replace(found, position=entry.position)
    if entry.exchange.response is None and name == "t.har":
        same = replace(same, connection=None)
    assert same == entry


@pytest.mark.parametrize("name", NAMES)
def test_a_write_that_fails_leaves_the_file_as_it_was(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / name
    file = open_file(path, force=False, append=False, facts=FACTS)
    assert isinstance(file, NdjsonFile | HarFile)
    first, second = ENTRIES[:2]
    file.write(first, entry_line(first))
    really, left = os.write, [2]

    def filling_up(descriptor: int, data: bytes) -> int:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, "No space left on device")
        return really(descriptor, bytes(data)[:100])

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", filling_up)
        with pytest.raises(OSError, match="No space"):
            file.write(second, entry_line(second))
        left[0] = 9
    file.write(second, entry_line(second))
    file.close()
    assert told(entries_of(path.read_bytes())) == told(ENTRIES[:2])
