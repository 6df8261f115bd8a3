"""What happens to the things that a browser holds, outside of any request."""

from collections.abc import Iterator

from stctl.recipe.config import AppConfig
from stctl.scenarios.browser import Browser, spoil_refresh_token, spoil_signature
from stctl.scenarios.model import Change, Relic, Thing


def change(browser: Browser, deed: Change, app: AppConfig) -> str:
    """Let a browser lose, spoil and find things; what happened, in words."""
    for thing in deed.lose:
        _lose(browser, thing, app)
    for thing in deed.spoil:
        _spoil(browser, thing, app)
    for relic in deed.relics:
        _find(browser, relic, app)
    return f"{browser.name} {' and '.join(_told(deed))}"


def _told(deed: Change) -> Iterator[str]:
    yield from (f"loses {thing}" for thing in deed.lose)
    yield from (f"spoils {thing}" for thing in deed.spoil)
    yield from (f"holds an old {relic}" for relic in deed.relics)


def _lose(browser: Browser, thing: Thing, app: AppConfig) -> None:
    match thing:
        case "access_token":
            browser.hold_access_token("")
        case "refresh_token":
            browser.hold_refresh_token("", app.refresh_path)
        case "anti_csrf":
            browser.anti_csrf = None
        case "rid":
            browser.sends_rid = False


def _spoil(browser: Browser, thing: Thing, app: AppConfig) -> None:
    if thing == "access_token":
        browser.hold_access_token(spoil_signature(browser.access_token or ""))
    elif thing == "refresh_token":
        spoiled = spoil_refresh_token(browser.refresh_token or "")
        browser.hold_refresh_token(spoiled, app.refresh_path)


def _find(browser: Browser, relic: Relic, app: AppConfig) -> None:
    match relic:
        case "access_token":
            browser.keep_old_access_token()
        case "refresh_token":
            browser.keep_old_refresh_token(app.refresh_path)
        case "legacy_cookie":
            browser.keep_legacy_cookie()
