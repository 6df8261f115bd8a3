import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stctl.core.lenient_json import parse_object
from stctl.jsontypes import JsonValue

PLAIN_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | PLAIN_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(PLAIN_TEXT, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(st.dictionaries(PLAIN_TEXT, VALUES, max_size=4), st.booleans())
def test_standard_json_reads_as_it_was_written(body: dict[str, JsonValue], escaped: bool) -> None:
    text = json.dumps(body, ensure_ascii=escaped)
    assert parse_object(text) == body


@given(st.dictionaries(PLAIN_TEXT, VALUES, max_size=4))
def test_the_forgiving_reader_agrees_with_the_standard_one(body: dict[str, JsonValue]) -> None:
    assert parse_object("#\n" + json.dumps(body)) == body


@given(st.text(alphabet="{}[]:,;=>'\"\\/*# \nab01.-eu", max_size=24))
def test_no_text_ends_in_anything_but_an_object_or_a_value_error(text: str) -> None:
    try:
        found = parse_object(text)
    except ValueError:
        return
    assert isinstance(found, dict)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{a:1}", {"a": 1}),
        ("{'a':'b'}", {"a": "b"}),
        ('{"a"=1}', {"a": 1}),
        ('{"a"=>1;"b":2}', {"a": 1, "b": 2}),
        ("{a:TRUE,b:False,c:NuLL}", {"a": True, "b": False, "c": None}),
        ("\ufeff{}", {}),
        ("// lead\n{}", {}),
        ("# lead\r{ /* in\nside */ a : 1 }", {"a": 1}),
        ("{a:[1,,2]}", {"a": [1, None, 2]}),
        ("{a:[1,]}", {"a": [1, None]}),
        ("{a:[;]}", {"a": [None, None]}),
        ("{a:[]}", {"a": []}),
        ('{"a":NaN,"b":-Infinity}', {"a": "NaN", "b": "-Infinity"}),
        ("{a:01,b:+1,c:1.,d:12x}", {"a": "01", "b": "+1", "c": "1.", "d": "12x"}),
        ("{a:-0,b:1e2,c:1.50}", {"a": 0, "b": 100.0, "c": 1.5}),
        ("{a:two.words}", {"a": "two.words"}),
        ('{"a":"x","a":"y"}', {"a": "y"}),
        ("{a:1,a:2}", {"a": 2}),
        ('{"a":"line\nbreak"}', {"a": "line\nbreak"}),
        (r"""{a:'\'\"\\\/\t\b\n\r\f\u00fc'}""", {"a": "'\"\\/\t\b\n\r\fü"}),
        (" \t\r\n{}\n\t ", {}),
    ],
)
def test_what_a_core_forgives_is_forgiven(text: str, value: JsonValue) -> None:
    assert parse_object(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "null",
        "[]",
        '"x"',
        "7",
        '{"userId":"u"',
        "{}x",
        "{} // comment",
        "{} {}",
        '{"a":1,}',
        "{,}",
        "{a}",
        "{a:}",
        "{a b:1}",
        "{a:1 b:2}",
        "{a:[1",
        "{a:[1}",
        "{a:'x}",
        "{a:'\\x'}",
        "{a:'\\u12g4'}",
        "{a:'\\",
        "/* {}",
        "{a:b/c}",
        "{a:1e999}",
        "'a':1",
    ],
)
def test_what_a_core_refuses_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_object(text)


@pytest.mark.parametrize("lead", ["", "#\n"])
def test_nesting_ends_after_255_levels(lead: str) -> None:
    def nested(levels: int) -> str:
        return f'{lead}{{"a":{"[" * (levels - 1)}{"]" * (levels - 1)}}}'

    assert parse_object(nested(255))
    with pytest.raises(ValueError, match="deep"):
        parse_object(nested(256))
    with pytest.raises(ValueError, match="deep"):
        parse_object(nested(100_000))


def test_many_brackets_side_by_side_are_not_deep() -> None:
    body = parse_object('{"a":[' + ",".join(["{}"] * 1000) + "]}")
    assert body == {"a": [{}] * 1000}


def test_a_number_too_long_for_any_reader_stays_text() -> None:
    assert parse_object('{"a":' + "9" * 5000 + "}") == {"a": "9" * 5000}


@pytest.mark.parametrize("lead", ["", "#\n"])
def test_surrogates_meet_or_become_a_question_mark(lead: str) -> None:
    text = lead + r'{"\ud83d\ude00":["\ud800",{"x":"\uDE00\ud83d"}]}'
    assert parse_object(text) == {"\U0001f600": ["?", {"x": "??"}]}
