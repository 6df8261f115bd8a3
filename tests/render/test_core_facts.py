from stctl.cdi.answers import RequestStats
from stctl.render.core_facts import statistics
from stctl.render.plain import layout


def drawn(averages: list[float], width: int = 100) -> list[str]:
    found = RequestStats(at_minute=29_900_000, averages=tuple(averages), peaks=tuple(averages))
    return [*layout(statistics("here", found).view(width))]


def test_bars_stand_as_high_as_their_value_over_the_highest() -> None:
    lines = drawn([4.0] * 720 + [8.0] * 720)
    plot = [line.partition("▕")[2] for line in lines if "▕" in line]
    assert plot[-1] == "█" * 90
    assert plot[0].rstrip() == " " * 45 + "█" * 45
    assert plot[3] == " " * 45 + "█" * 45
    assert plot[4] == "█" * 90


def test_minutes_without_data_are_dots_and_count_for_nothing() -> None:
    lines = drawn([-1.0] * 1380 + [2.0] * 60)
    assert [line for line in lines if "▕·····" in line]
    assert any("about 7,200" in line for line in lines)
    assert any("60 of 1,440 minutes" in line for line in lines)


def test_nothing_is_drawn_where_nothing_is_known() -> None:
    assert any("no data yet" in line for line in drawn([-1.0] * 1440))


def test_a_day_without_a_request_is_a_flat_line() -> None:
    lines = drawn([0.0] * 1440)
    assert any("about 0" in line for line in lines)


def test_the_plot_keeps_to_the_width() -> None:
    for width in (40, 80, 300):
        assert max(map(len, drawn([1.0] * 1440, width))) <= max(width, 60)
