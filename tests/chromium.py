"""Drives a headless Chromium of the system, where there is one: for tests of pages, and pictures.

Importing this needs selenium, which only the extra `e2e` brings.
"""

import base64
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

_NARROW = 600


def binaries() -> tuple[str, str] | None:
    """The browser and its driver; None where one of them is missing."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    return (browser, driver) if browser and driver else None


@contextmanager
def chromium() -> Iterator["Browser"]:
    """A headless browser with its console and its network log on; closed at the end."""
    browser, driver = binaries() or ("", "")
    options = Options()
    options.binary_location = browser
    # A container has no user namespaces for the sandbox, and little shared memory.
    for flag in ("headless=new", "no-sandbox", "disable-dev-shm-usage", "disable-gpu"):
        options.add_argument(f"--{flag}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    running = webdriver.Chrome(options=options, service=Service(driver))
    try:
        yield Browser(running)
    finally:
        running.quit()


class Browser:
    """One tab, with the few things that are done to a page here."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def tell(self, command: str, **arguments: Any) -> Any:
        """Send a command of the DevTools protocol."""
        return self.driver.execute_cdp_cmd(command, arguments)

    def ask(self, script: str, *arguments: Any) -> Any:
        """What a script returns; it is run by the driver, not by the page's rules."""
        return self.driver.execute_script(script, *arguments)

    def shape(self, width: int, height: int = 900) -> None:
        """Give the page a size in CSS pixels; a narrow one is a phone."""
        self.tell(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < _NARROW,
        )

    def media(self, *, dark: bool = False, paper: bool = False) -> None:
        """Light or dark, screen or paper."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        medium = "print" if paper else "screen"
        self.tell("Emulation.setEmulatedMedia", media=medium, features=[scheme])

    def open(self, page: Path, anchor: str = "") -> None:
        """Open a file, anew even where only the anchor differs."""
        self.driver.get("about:blank")
        self.log("browser")
        self.log("performance")
        self.driver.get(page.as_uri() + anchor)

    def log(self, kind: str) -> list[dict[str, Any]]:
        """The entries of a log since it was last read."""
        entries: list[dict[str, Any]] = self.driver.get_log(kind)
        return entries

    def requested(self) -> list[str]:
        """Every address that was asked for since the page was opened.

        What the page's own policy held back is told by the protocol too, and is not among them.
        """
        messages = [json.loads(one["message"])["message"] for one in self.log("performance")]
        refused = {
            one["params"]["requestId"]
            for one in messages
            if one["method"] == "Network.loadingFailed"
            and one["params"].get("blockedReason") == "csp"
        }
        return [
            one["params"]["request"]["url"]
            for one in messages
            if one["method"] == "Network.requestWillBeSent"
            and one["params"]["requestId"] not in refused
        ]

    def wait(self, condition: Callable[[], bool], timeout_s: float = 10) -> None:
        """Wait until something has come about, which the browser does in its own time.

        Raises TimeoutException when it does not.
        """
        WebDriverWait(self.driver, timeout_s, 0.02).until(lambda _: condition())

    def press(self, *keys: str) -> None:
        """Press keys where the focus is, one after the other."""
        for key in keys:
            self.driver.switch_to.active_element.send_keys(key)

    def focused(self) -> str:
        """Id of the request on whose line the focus is; empty where it is elsewhere."""
        found = self.ask(
            "const step = document.activeElement.closest('summary')?.closest('details');"
            "return step ? step.id : '';"
        )
        return str(found)

    def opened(self) -> list[str]:
        """Ids of the requests that are open."""
        found: list[str] = self.ask(
            "return [...document.querySelectorAll('details[open]')].map((one) => one.id);"
        )
        return found

    def picture(self, top: int, height: int) -> bytes:
        """A part of the page as PNG, as wide as the page is."""
        width = self.ask("return innerWidth;")
        clip = {"x": 0, "y": top, "width": width, "height": height, "scale": 1}
        shot = self.tell("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        return base64.b64decode(shot["data"])

    def paper(self) -> bytes:
        """The page as PDF, as it would be printed."""
        return base64.b64decode(self.tell("Page.printToPDF", printBackground=True)["data"])
