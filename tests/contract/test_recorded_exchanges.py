"""The embedded core answers as the core that was recorded did."""

import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from recorded_player import PROFILES, Stage, load, play, scenario_files
from stctl.clock import FrozenClock, SystemEntropy
from stctl.core.service import open_core
from stctl.core.settings import load_settings

_START_MS = 1_700_000_000_123

Stages = Callable[[str, str], Stage]


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stages]:
    """Cores by profile and kind of store, each opened when first asked for."""
    opened: dict[tuple[str, str], Stage] = {}
    with ExitStack() as stack:

        def stage(profile: str, store: str) -> Stage:
            if (profile, store) not in opened:
                folder = tmp_path_factory.mktemp("core")
                opened[profile, store] = _open(stack, profile, store, folder)
            return opened[profile, store]

        yield stage


def _open(stack: ExitStack, profile: str, store: str, folder: Path) -> Stage:
    settings = load_settings(None, {}, PROFILES[profile])
    clock = FrozenClock(_START_MS)
    db = folder / "core.db" if store == "file" else None
    core = stack.enter_context(open_core(db, settings, clock, SystemEntropy()))
    return Stage(answer=core.answer, clock=clock, base_path=settings.base_path)


@pytest.mark.parametrize("store", ["memory", "file"])
@pytest.mark.parametrize("file", scenario_files(), ids=lambda file: file.stem)
def test_a_recorded_scenario_ends_as_it_was_recorded(
    file: Path, store: str, stages: Stages
) -> None:
    scenario = load(file)
    play(scenario, stages(scenario["profile"], store), _word(file.stem))


def _word(seed: str) -> str:
    """Six lower-case letters of the scenario's own, since scenarios share a core."""
    number = zlib.crc32(seed.encode())
    return "".join(chr(ord("a") + number // 26**place % 26) for place in range(6))


def test_the_recordings_are_there() -> None:
    assert len(scenario_files()) >= 190
