import pytest

from stctl.core.fields import Fields
from stctl.core.refusals import BadRequest
from stctl.jsontypes import JsonValue

KINDS = ["string", "boolean", "object", "long", "strings"]


def read(kind: str, value: JsonValue) -> object:
    return getattr(Fields({"field": value}), kind)("field")


@pytest.mark.parametrize(
    ("kind", "sent", "value"),
    [
        ("string", "x", "x"),
        ("string", "", ""),
        ("string", ["x"], "x"),
        ("string", [["x"]], "x"),
        ("boolean", True, True),
        ("boolean", False, False),
        ("boolean", 1, False),
        ("boolean", 0.5, False),
        ("boolean", [True], True),
        ("boolean", [[7]], False),
        ("object", {"a": None}, {"a": None}),
        ("long", 1000, 1000),
        ("long", 1000.7, 1000),
        ("long", 0.5, 0),
        ("long", -1.9, -1),
        ("long", "1000", 1000),
        ("long", "+5", 5),
        ("long", "-5", -5),
        ("long", [7], 7),
        ("long", 10**30, 2**63 - 1),
        ("long", -(10**30), -(2**63)),
        ("long", 1e300, 2**63 - 1),
        ("strings", [], []),
        ("strings", ["a", ["b"]], ["a", "b"]),
    ],
)
def test_a_value_of_the_wanted_type_is_read(kind: str, sent: JsonValue, value: object) -> None:
    found = read(kind, sent)
    assert found == value
    assert type(found) is type(value)
    assert read(f"optional_{kind}", sent) == value


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        ("string", 1),
        ("string", True),
        ("string", {}),
        ("string", []),
        ("string", ["a", "b"]),
        ("boolean", "true"),
        ("boolean", ["true"]),
        ("boolean", []),
        ("boolean", {}),
        ("object", []),
        ("object", [{}]),
        ("object", "{}"),
        ("long", "1.5"),
        ("long", "1e3"),
        ("long", " 1000 "),
        ("long", "1_000"),
        ("long", "9223372036854775808"),
        ("long", "9" * 5000),
        ("long", ""),
        ("long", True),
        ("long", {}),
        ("long", [1, 2]),
        ("strings", "a"),
        ("strings", ["a", 1]),
        ("strings", ["a", None]),
        ("strings", [["a", "b"]]),
        ("strings", {}),
    ],
)
def test_a_value_of_another_type_is_refused_by_name(kind: str, sent: JsonValue) -> None:
    for name in (kind, f"optional_{kind}"):
        with pytest.raises(BadRequest, match="'field'"):
            read(name, sent)


@pytest.mark.parametrize("kind", KINDS)
def test_a_null_is_never_the_same_as_absent(kind: str) -> None:
    for name in (kind, f"optional_{kind}"):
        with pytest.raises(BadRequest, match="'field'"):
            read(name, None)
    assert getattr(Fields({}), f"optional_{kind}")("field") is None


@pytest.mark.parametrize("kind", KINDS)
def test_missing_and_ill_typed_read_the_same(kind: str) -> None:
    with pytest.raises(BadRequest) as missing:
        getattr(Fields({}), kind)("field")
    with pytest.raises(BadRequest) as null:
        read(kind, None)
    assert missing.value.text == null.value.text


def test_a_field_is_present_even_when_it_is_null() -> None:
    fields = Fields({"there": None})
    assert fields.present("there")
    assert not fields.present("elsewhere")
