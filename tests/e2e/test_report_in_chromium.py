"""A report in a real browser: it works, it is silent, and nothing leaves it."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from explained import answer, entry
from reported import CORE_DOWN, MADE, RACE, THEFT, made_case, recorded_case
from stctl.exchange import Request
from stctl.render.report.page import page

if TYPE_CHECKING:
    from chromium import Browser

TAB, ENTER, ESCAPE = "\ue004", "\ue007", "\ue00c"
CONTRAST = """
const channel = (value) => value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
const parts = (text) => text.match(/[\\d.]+/g).map(Number);
const light = ([r, g, b]) =>
  0.2126 * channel(r / 255) + 0.7152 * channel(g / 255) + 0.0722 * channel(b / 255);
const paper = (element) => {
  for (let one = element; one; one = one.parentElement) {
    const found = parts(getComputedStyle(one).backgroundColor);
    if (found.length < 4 || found[3] > 0.99) return found;
  }
  return [255, 255, 255];
};
const seen = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const weak = [];
while (seen.nextNode()) {
  const element = seen.currentNode.parentElement;
  if (!seen.currentNode.data.trim() || element.closest('svg, script, .vh, .skip')) continue;
  const [a, b] = [parts(getComputedStyle(element).color), paper(element)].map(light);
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < 4.5) weak.push(`${ratio.toFixed(2)} ${element.className}: ${seen.currentNode.data}`);
}
return weak;
"""
WIDER = """
const scrolls = (one) => ['auto', 'scroll'].includes(getComputedStyle(one).overflowX);
const inScroller = (one) => one && (scrolls(one) || inScroller(one.parentElement));
return [...document.querySelectorAll('body *')]
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 0.5 && !inScroller(one))
  .map((one) => `${one.tagName} ${one.className.baseVal ?? one.className}`);
"""


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    pytest.importorskip("selenium", reason="the extra e2e, with selenium, is not installed")
    from chromium import binaries, chromium

    if binaries() is None:
        pytest.skip("no Chromium with its driver on this machine")
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    made = {}
    for name in (THEFT, RACE, CORE_DOWN):
        made[name] = folder / f"{name}.html"
        made[name].write_text(page([recorded_case(name)], MADE), "utf-8")
    return made


@pytest.fixture(autouse=True)
def _usual_screen(browser: "Browser") -> None:
    browser.shape(1200)
    browser.media()


@pytest.mark.parametrize("name", [THEFT, RACE, CORE_DOWN])
def test_the_console_is_silent_and_nothing_is_asked_for(
    name: str, browser: "Browser", pages: dict[str, Path]
) -> None:
    browser.open(pages[name])
    browser.ask("for (const one of document.querySelectorAll('details')) one.open = true;")
    assert browser.log("browser") == []
    assert browser.requested() == [pages[name].as_uri()]


def test_what_the_page_would_load_is_refused_by_its_policy(
    browser: "Browser", pages: dict[str, Path]
) -> None:
    browser.open(pages[THEFT])
    browser.ask("""
        document.body.append(Object.assign(new Image(), { src: 'http://127.0.0.1:9/x.png' }));
        const script = document.createElement('script');
        script.textContent = 'window.ran = true;';
        document.body.append(script);
    """)
    refused = [one["message"] for one in browser.log("browser")]
    assert any("Content Security Policy" in one and "img-src" in one for one in refused)
    assert any("Content Security Policy" in one and "script-src" in one for one in refused)
    assert browser.ask("return window.ran === undefined;")
    assert browser.requested() == [pages[THEFT].as_uri()]


def test_a_hostile_trace_stays_text(browser: "Browser", tmp_path: Path) -> None:
    attack = "</script></style>\"'><img src=x onerror=window.ran=1><svg onload=window.ran=1>"
    asked = Request(method="GET", path=f"/{attack}", headers=(("x", attack),), host="api.test")
    case = made_case([entry(0, asked, answer(401, {"message": attack}, (("y", attack),)))])
    target = tmp_path / "hostile.html"
    target.write_text(page([case], MADE), "utf-8")
    browser.open(target)
    assert browser.ask("return window.ran === undefined;")
    assert browser.ask("return document.querySelectorAll('img, svg').length;") == 0
    assert attack in browser.ask("return document.querySelector('.headers dd').textContent;")
    assert browser.log("browser") == []


def test_every_request_is_reached_by_tab_and_opened_by_enter(
    browser: "Browser", pages: dict[str, Path]
) -> None:
    browser.open(pages[THEFT])
    reached: list[str] = []
    for _ in range(60):
        browser.press(TAB)
        here = browser.focused()
        if here and here not in reached:
            reached.append(here)
            if here == "e4":
                break
    assert reached == ["e0", "e2", "e4"]
    assert browser.opened() == []
    browser.press(ENTER)
    assert browser.opened() == ["e4"]
    assert browser.ask("return location.hash;") == "#e4"
    assert "why" in browser.ask("return document.querySelector('#e4 .opened').innerText;").lower()
    browser.press(ESCAPE)
    assert browser.opened() == []
    assert browser.focused() == "e4"


def test_escape_closes_from_inside_an_opened_request(
    browser: "Browser", pages: dict[str, Path]
) -> None:
    browser.open(pages[THEFT], "#e4")
    browser.wait(lambda: browser.focused() == "e4")
    assert browser.opened() == ["e4"]
    browser.press(TAB)
    assert browser.ask("return document.activeElement.getAttribute('href');") == "#e4"
    browser.press(ESCAPE)
    assert (browser.opened(), browser.focused()) == ([], "e4")


def test_j_and_k_go_from_request_to_request_and_errors_can_be_had_alone(
    browser: "Browser", pages: dict[str, Path]
) -> None:
    browser.open(pages[THEFT])
    steps = []
    for key in "jjkjj":
        browser.press(key)
        steps.append(browser.focused())
    assert steps == ["e0", "e2", "e0", "e2", "e4"]
    browser.ask("document.querySelector('.tools button').click();")
    shown = "return [...document.querySelectorAll('.step')].filter((one) => one.offsetParent)"
    assert browser.ask(f"{shown}.map((one) => one.id);") == ["e4", "e8"]
    browser.press("j")
    assert browser.focused() == "e8"


def test_a_link_to_a_request_opens_it_also_from_within_the_page(
    browser: "Browser", pages: dict[str, Path]
) -> None:
    browser.open(pages[THEFT], "#e8")
    browser.wait(lambda: browser.opened() == ["e8"])
    browser.ask("document.querySelector('.moments a[href=\"#e4\"]').click();")
    top = "return document.querySelector('#e4').getBoundingClientRect().top;"
    browser.wait(lambda: browser.opened() == ["e4", "e8"])
    browser.wait(lambda: 0 <= browser.ask(top) < 450)
    browser.driver.back()
    browser.wait(lambda: browser.ask("return location.hash;") == "#e8")


def test_without_scripts_everything_can_be_read_and_opened(
    browser: "Browser", pages: dict[str, Path]
) -> None:
    browser.tell("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open(pages[THEFT])
        assert browser.ask("return document.querySelectorAll('.tools').length;") == 0
        browser.ask("document.querySelector('#e4 > summary').click();")
        assert browser.opened() == ["e4"]
    finally:
        browser.tell("Emulation.setScriptExecutionDisabled", value=False)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", [THEFT, RACE, CORE_DOWN])
def test_every_text_stands_out_from_its_paper(
    name: str, dark: bool, browser: "Browser", pages: dict[str, Path]
) -> None:
    browser.media(dark=dark)
    browser.open(pages[name])
    browser.ask("for (const one of document.querySelectorAll('details')) one.open = true;")
    paper = browser.ask("return getComputedStyle(document.body).backgroundColor;")
    assert (paper == "rgb(20, 21, 25)") is dark
    assert browser.ask(CONTRAST) == []


@pytest.mark.parametrize("width", [320, 360, 768])
@pytest.mark.parametrize("name", [THEFT, RACE, CORE_DOWN])
def test_a_phone_need_not_scroll_sideways(
    name: str, width: int, browser: "Browser", pages: dict[str, Path]
) -> None:
    browser.shape(width, 740)
    browser.open(pages[name])
    browser.ask("for (const one of document.querySelectorAll('details')) one.open = true;")
    assert browser.ask("return document.documentElement.scrollWidth;") <= width
    assert browser.ask(WIDER) == []


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_on_paper_everything_is_opened(
    scripts: bool, browser: "Browser", pages: dict[str, Path]
) -> None:
    browser.tell("Emulation.setScriptExecutionDisabled", value=not scripts)
    try:
        browser.open(pages[THEFT])
        browser.media(paper=True)
        seen = browser.ask(
            "return [...document.querySelectorAll('.opened')].map((one) => "
            "one.getBoundingClientRect().height > 100 && "
            "one.checkVisibility({ contentVisibilityAuto: true }));"
        )
        assert seen == [True] * 5
        browser.media()
        document = browser.paper()
    finally:
        browser.tell("Emulation.setScriptExecutionDisabled", value=False)
    assert document.startswith(b"%PDF-")
    assert document.count(b"/Type /Page\n") >= 5
    assert browser.opened() == []
