import pytest
from hypothesis import given

from reported import HOSTILE, taken
from stctl.render.report.elements import Html, el, join, prose, shown, trusted


@given(HOSTILE)
def test_text_stays_text_whatever_it_is(text: str) -> None:
    (element,) = taken(el("p", text).text)
    assert (element.tag, element.attributes, element.text) == ("p", {}, shown(text))


@given(HOSTILE, HOSTILE)
def test_a_value_stays_inside_its_attribute(value: str, text: str) -> None:
    (element,) = taken(el("p", text, title=value, data_x=value).text)
    assert element.attributes == {"title": shown(value), "data-x": shown(value)}
    assert element.text == shown(text)


@given(HOSTILE)
def test_what_was_made_from_text_is_not_escaped_twice(text: str) -> None:
    elements = taken(el("ul", [el("li", one) for one in (text, text)]).text)
    assert [one.text for one in elements[1:]] == [shown(text)] * 2
    assert elements[0].text == shown(text) * 2


@given(HOSTILE)
def test_what_is_shown_has_no_control_direction_or_half_character(text: str) -> None:
    told = shown(text)
    assert all(char.isprintable() or char in "\n\t" for char in told)
    told.encode()


@given(HOSTILE)
def test_a_link_leads_into_the_page_or_to_the_web_and_nowhere_else(text: str) -> None:
    (element,) = taken(el("a", "go", href=text).text)
    target = element.attributes.get("href")
    assert target is None or target.startswith(("#", "http://", "https://"))


@pytest.mark.parametrize("target", ["javascript:alert(1)", " https://x", "data:text/html,x", "//x"])
def test_a_link_to_elsewhere_is_left_out(target: str) -> None:
    assert el("a", "go", href=target).text == "<a>go</a>"


@pytest.mark.parametrize("name", ["onclick", "style", "srcdoc", "formaction", "a b", "x>"])
def test_an_attribute_that_could_do_something_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="attribute"):
        el("p", **{name: "x"})


@pytest.mark.parametrize("name", ["p onclick=x", "", "P", "p>"])
def test_a_name_that_is_no_element_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no element"):
        el(name)


def test_attributes_are_left_out_or_stand_alone_by_their_value() -> None:
    assert el("details", open=True, hidden=False, id=None).text == "<details open></details>"
    assert el("td", class_="x", colspan=2).text == '<td class="x" colspan="2"></td>'


def test_an_element_that_holds_nothing_is_not_closed() -> None:
    assert join(el("br"), None, 7, el("wbr")).text == "<br>7<wbr>"


def test_markup_is_no_text_that_could_be_mixed_up_with_it() -> None:
    assert not isinstance(el("p"), str)
    assert el("p", f"{trusted('<b>')}").text.startswith("<p>Html(text=")


def test_code_in_own_prose_is_marked_and_lone_backticks_stay() -> None:
    assert join(*prose("run `a` or `b`")).text == "run <code>a</code> or <code>b</code>"
    assert prose("one ` alone") == ["one ` alone"]
    assert isinstance(prose("`<`")[1], Html)
    assert join(*prose("`<`")).text == "<code>&lt;</code>"
