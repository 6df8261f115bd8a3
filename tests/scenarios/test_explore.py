from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from conftest import NOW_MS
from rehearsals import CLOCK, play
from stctl.clock import FrozenClock, SeededEntropy, SystemEntropy
from stctl.scenarios.explore.keep import case_name, scenario_text
from stctl.scenarios.explore.model import Action, Alarm, Bounds, Explored, Rules
from stctl.scenarios.explore.search import Explorer, explore, fate, possible, sample
from stctl.scenarios.explore.world import Moment, World
from stctl.scenarios.load import read_scenario
from stctl.scenarios.stage import Wishes

LEGACY = Rules(cdi="5.5", is_rotation=False, grace_s=30)
STRICT = Rules(cdi="5.6", is_rotation=True, grace_s=0)
GRACE = Rules(cdi="5.6", is_rotation=True, grace_s=30)
EVERY = [LEGACY, STRICT, GRACE]


@contextmanager
def explorer_of(
    rules: Rules, *, tabs: int = 2, losses: int = 1, depth: int = 8
) -> Iterator[Explorer]:
    with World.opened(rules, NOW_MS, SystemEntropy()) as world:
        yield Explorer(world, Bounds(tabs=tabs, losses=losses, depth=depth, delay_s=31))


def explored(rules: Rules, *, tabs: int = 2, losses: int = 1, depth: int = 8) -> Explored:
    with explorer_of(rules, tabs=tabs, losses=losses, depth=depth) as explorer:
        return explore(explorer, FrozenClock(NOW_MS))


def kinds(result: Explored) -> dict[str, int]:
    return {found.alarm.kind: len(found.schedule) for found in result.found}


def test_up_to_5_5_two_refreshes_of_one_token_end_in_an_alarm_when_the_losers_branch_is_used() -> (
    None
):
    result = explored(LEGACY)
    assert kinds(result) == {"SIBLING_REUSED": 6, "OLDER_REUSED": 8}
    shortest = result.found[0].schedule
    assert shortest[:2] == (Action("send", 1), Action("send", 2))
    assert shortest[-1].kind == "send"


def test_from_5_6_on_each_kind_of_reuse_is_found_without_a_thief() -> None:
    assert kinds(explored(GRACE)) == {"RECENT_PREV": 3, "ORPHANED_BRANCH": 4, "STALE_LINEAGE": 6}


def test_grace_seconds_save_a_second_refresh_and_a_lost_answer_but_not_a_late_one() -> None:
    twice = (Action("send", 1), Action("send", 2))
    lost = (Action("send", 1), Action("lose", 1), Action("send", 1))
    late = (Action("send", 1), Action("lose", 1), Action("wait"), Action("send", 1))
    ends: dict[str, list[str | None]] = {}
    for rules in EVERY:
        with explorer_of(rules) as explorer:
            fates = [fate(explorer, schedule) for schedule in (twice, lost, late)]
        ends[rules.name] = [one.alarm.kind if one.alarm else None for one in fates]
    assert ends == {
        "CDI 5.5": [None, None, None],
        "CDI 5.6, grace 0 s": ["RECENT_PREV"] * 3,
        "CDI 5.6, grace 30 s": [None, None, "RECENT_PREV"],
    }


def test_a_schedule_that_cannot_come_about_is_told_as_such() -> None:
    with explorer_of(GRACE) as explorer:
        assert not fate(explorer, (Action("arrive", 1),)).happens
        assert fate(explorer, (Action("use"), Action("send", 1))).happens


@pytest.mark.parametrize("rules", EVERY, ids=lambda rules: rules.name)
def test_merging_states_changes_no_count(rules: Rules) -> None:
    """Played one by one, with no state ever met twice, schedules come to the same numbers."""
    with explorer_of(rules, depth=5) as explorer:
        merged = explore(explorer, FrozenClock(NOW_MS))
        ends = [*_ends(explorer, explorer.world.begin(2, 1), 5)]
    assert merged.schedules == len(ends)
    assert merged.false_alarms == sum(isinstance(end, Alarm) for end in ends)
    for kind, count in merged.alarms.items():
        assert count == sum(isinstance(end, Alarm) and end.kind == kind for end in ends)


def _ends(explorer: Explorer, moment: Moment, left: int) -> Iterator[Moment | Alarm]:
    if not left:
        yield moment
        return
    here = explorer.state_of(moment)
    for action in possible(moment):
        then = explorer.happen(moment, action)
        if isinstance(then, Alarm):
            yield then
        elif explorer.state_of(then) != here:
            yield from _ends(explorer, then, left - 1)


def test_states_are_few_where_schedules_are_many() -> None:
    result = explored(GRACE, tabs=3, losses=2)
    assert result.schedules > 100_000
    assert result.states < 1000
    assert result.core_calls < 2000


def test_one_tab_without_losses_never_raises_an_alarm() -> None:
    for rules in EVERY:
        alone = explored(rules, tabs=1, losses=0, depth=10)
        assert alone.found == (), rules.name


@pytest.mark.parametrize("rules", EVERY, ids=lambda rules: rules.name)
def test_what_is_kept_is_a_scenario_that_ends_as_promised(rules: Rules) -> None:
    result = explored(rules, losses=2)
    text = scenario_text([result])
    assert text is not None
    scenario = read_scenario(text, name="found", source="found.toml")
    assert [case.name for case in scenario.cases] == [
        case_name(rules, found) for found in result.found
    ]
    performance = play(scenario, Wishes(cdi=rules.cdi))
    ends: Sequence[tuple[str, str | None]] = [
        (case.outcome, case.reason) for case in performance.results[0].cases
    ]
    CLOCK.wait_ms(-CLOCK.now_ms() % 1000)  # others want it at a whole second
    assert ends == [("as_promised", None)] * len(scenario.cases)


def test_nothing_found_is_nothing_to_keep() -> None:
    assert scenario_text([explored(LEGACY, depth=2)]) is None


def test_the_same_seed_walks_the_same_ways() -> None:
    def walked(seed: int) -> dict[str, int]:
        with explorer_of(GRACE) as explorer:
            return dict(sample(explorer, 200, 20, SeededEntropy(seed)).alarms)

    assert walked(7) == walked(7)
    assert walked(7) != walked(8)
    assert set(walked(7)) == {"RECENT_PREV", "ORPHANED_BRANCH", "STALE_LINEAGE"}


def test_a_restart_loses_everything_that_is_on_its_way() -> None:
    with explorer_of(LEGACY) as explorer:
        both = explorer.world.begin(2, 1)
        for tab in (1, 2):
            then = explorer.happen(both, Action("send", tab))
            assert isinstance(then, Moment)
            both = then
        after = explorer.happen(both, Action("restart"))
    assert isinstance(after, Moment)
    assert after.flights == (None, None)
    assert after.losses_left == 0
    assert after.jar == both.jar


def test_a_long_exploration_tells_how_far_it_is() -> None:
    class Hurried(FrozenClock):
        def now_ms(self) -> int:
            self.wait_ms(1500)
            return super().now_ms()

    told: list[str] = []
    with explorer_of(GRACE, depth=3) as explorer:
        result = explore(explorer, Hurried(NOW_MS), told.append)
    assert told[0].startswith("CDI 5.6, grace 30 s: 2 of 3 events, ")
    assert len(told) == 2
    assert result.duration_s > 2
