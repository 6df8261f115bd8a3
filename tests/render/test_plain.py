from stctl.render.plain import layout, text_of, width_of
from stctl.render.view import (
    Block,
    Drawing,
    Facts,
    Gap,
    Heading,
    Lines,
    Note,
    Table,
    dim,
    line,
    strong,
)


def text(*blocks: Block) -> list[str]:
    return list(layout(blocks))


def test_values_of_facts_stand_in_one_column() -> None:
    rows = [("user", line("u1")), ("tenant", line(strong("public")))]
    assert text(Facts(rows)) == ["  user    u1", "  tenant  public"]


def test_columns_of_a_table_are_as_wide_as_their_widest_cell() -> None:
    table = Table(["A", "BB"], [[line("long"), line("1")], [line("x"), line("22")]], frozenset({1}))
    assert text(table) == ["A     BB", "long   1", "x     22"]


def test_a_table_without_rows_still_has_its_header() -> None:
    assert text(Table(["A", "B"], [])) == ["A  B"]


def test_gaps_never_stand_first_last_or_twice() -> None:
    heading = Heading(line("h"))
    assert text(Gap(), heading, Gap(), Gap(), heading, Gap()) == ["h", "", "h"]


def test_foreign_text_cannot_steer_a_terminal() -> None:
    hostile = "a\x1b[31mred\r\n\u202e[/bold]"
    assert text_of(line(hostile)) == "a\\x1b[31mred\\r\\n\\u202e[/bold]"


def test_wide_characters_take_two_columns_and_combining_ones_none() -> None:
    assert (width_of("ab"), width_of("日本"), width_of("e\u0301")) == (2, 4, 1)
    assert text(Facts([("日本", line("x")), ("abcde", line("y"))])) == [
        "  日本   x",
        "  abcde  y",
    ]


def test_notes_carry_a_mark_and_lines_their_indent() -> None:
    assert text(Note("bad", line("no")), Lines([line("a", dim("b"))], indent=4)) == [
        "✗ no",
        "    ab",
    ]


def test_a_drawing_keeps_its_columns() -> None:
    assert text(Drawing([line("  |   "), line("--> x")])) == ["  |", "--> x"]
