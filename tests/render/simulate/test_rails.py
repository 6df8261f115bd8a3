import pytest

from stctl.render.plain import text_of
from stctl.render.simulate.rails import Rails, folded
from stctl.render.view import Span, bad, line, strong

RAILS = Rails.for_width(80)


def test_lifelines_stand_where_their_names_are() -> None:
    heads = text_of(RAILS.heads(("browser", "backend", "core")))
    assert (RAILS.left, RAILS.middle, RAILS.right) == (2, 37, 77)
    assert heads.index("backend") == RAILS.middle - 3
    assert heads.endswith("core")
    assert len(heads) <= 80
    assert [*text_of(RAILS.blank())].count("│") == 3


@pytest.mark.parametrize(
    ("start", "end", "row"),
    [
        ("left", "middle", "  │── GET /x ───────────────────────▸│"),
        ("middle", "left", "  │◂─────────────────────── GET /x ──│"),
    ],
)
def test_an_arrow_touches_both_lifelines(start: str, end: str, row: str) -> None:
    drawn = RAILS.arrow(getattr(RAILS, start), getattr(RAILS, end), Span("GET /x"))
    assert text_of(drawn).startswith(row)
    assert text_of(drawn)[RAILS.right] == "│"


def test_an_operators_arrow_passes_the_backend() -> None:
    row = text_of(RAILS.arrow(RAILS.left, RAILS.right, Span("POST /remove")))
    assert row.count("│") == 2
    assert row.endswith("▸│")


@pytest.mark.parametrize("width", [40, 80, 500])
def test_what_is_too_long_is_cut_before_the_next_lifeline(width: int) -> None:
    rails = Rails.for_width(width)
    long = "x" * 600
    for row in (
        rails.arrow(rails.left, rails.middle, Span(long)),
        rails.arrow(rails.right, rails.middle, Span(long)),
        rails.text(line(strong("y"), long), after=rails.left),
        rails.text(line(long), after=rails.middle),
        rails.mark(bad("●"), line(long)),
    ):
        text = text_of(row)
        assert "…" in text
        assert len(text) == rails.right + 1 <= width
        assert text[rails.right] == "│"


def test_lifelines_are_never_shifted_by_wide_characters() -> None:
    row = RAILS.text(line("山田"), after=RAILS.left)
    assert text_of(row).index("│", RAILS.left + 1) == RAILS.middle - 2


def test_a_text_is_folded_between_words() -> None:
    assert folded("one two st-access-token", 16) == ["one two", "st-access-token"]
    assert folded("", 16) == [""]
    assert folded("abcdefghijkl", 3) == ["abcdefgh", "ijkl"]
