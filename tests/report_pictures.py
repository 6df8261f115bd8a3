"""Makes the pictures of reports in `docs/images` anew: cd tests && python -m report_pictures

Needs the extra `pictures` and a Chromium with its driver. Fonts are those of the machine, so that
pictures made elsewhere differ a little.
"""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from chromium import Browser, chromium
from reported import MADE, RACE, recorded_case
from stctl.render.report.page import page

IMAGES = Path(__file__).parents[1] / "docs" / "images"
_DESK = 1040
_PHONE = 360
_COLOURS = 256


def main() -> None:
    """Write every picture."""
    IMAGES.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder, chromium() as browser:
        report = Path(folder) / "report.html"
        report.write_text(page([recorded_case(RACE)], MADE), "utf-8")
        for name, take in PICTURES.items():
            browser.media()
            _save(take(browser, report), IMAGES / f"{name}.png")


def _save(picture: bytes, target: Path) -> None:
    """Few colours are enough for a page, and make a file of a third of the size."""
    whole = Image.open(BytesIO(picture)).convert("RGB")
    # The median would drop the few red and green pixels that a page has.
    few = whole.quantize(_COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(target, optimize=True)


def _summary(browser: Browser, report: Path) -> bytes:
    browser.shape(_DESK)
    browser.open(report)
    return browser.picture(0, _top(browser, "#sequence-section") - 40)


def _diagram(browser: Browser, report: Path) -> bytes:
    browser.shape(_DESK)
    browser.open(report)
    top = _top(browser, "#sequence-section") - 10
    return browser.picture(top, _top(browser, "#lineage") - top)


def _opened(browser: Browser, report: Path) -> bytes:
    browser.media(dark=True)
    browser.shape(_DESK)
    browser.open(report, "#e8")
    browser.wait(lambda: browser.opened() == ["e8"])
    browser.ask("document.activeElement.blur(); history.replaceState(null, '', '#');")
    top = _top(browser, "#e8") - 20
    return browser.picture(top, _top(browser, "#lineage") - top)


def _family(browser: Browser, report: Path) -> bytes:
    browser.shape(_DESK)
    browser.open(report)
    top = _top(browser, "#lineage") - 10
    return browser.picture(top, _top(browser, "#settings") - top)


def _phone(browser: Browser, report: Path) -> bytes:
    browser.shape(_PHONE, 740)
    browser.open(report)
    top = _top(browser, ".sequence") - 60
    return browser.picture(top, _top(browser, "#lineage") - top)


def _top(browser: Browser, selector: str) -> int:
    script = "return document.querySelector(arguments[0]).getBoundingClientRect().top + scrollY;"
    return int(browser.ask(script, selector))


PICTURES: dict[str, Callable[[Browser, Path], bytes]] = {
    "report-summary": _summary,
    "report-diagram": _diagram,
    "report-request-dark": _opened,
    "report-family": _family,
    "report-phone": _phone,
}

if __name__ == "__main__":
    main()
