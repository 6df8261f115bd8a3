"""The tree of createNewSession, called by the app's login route.

Source: SDKs, behaviour notes 1.3, 1.5 and 7.
"""

from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from stctl.exchange import Request
from stctl.jsontypes import JsonObject
from stctl.recipe.config import AntiCsrf, AppConfig
from stctl.recipe.core_replies import CoreTrouble
from stctl.recipe.failures import General
from stctl.recipe.questions import CoreCreate
from stctl.recipe.response import Change, attach_tokens, clear_place
from stctl.recipe.situation import LoginPlan, session_view
from stctl.recipe.step_end import Failed, Passed, StepEnd
from stctl.recipe.transfer import ACCESS_COOKIE, Place, Transfer, read_transfer
from stctl.recipe.trouble import failure_of
from stctl.recipe.walk import Saw, Tree, ask
from stctl.tokens.access import PROTECTED_CLAIMS

_PROTECTED: Final = PROTECTED_CLAIMS[5] | {"stt"}
_INSECURE: Final = (
    "Since your API and website domain are different, for sessions to work, please use https on "
    "your apiDomain and dont set cookieSecure to false."
)


def create(request: Request, plan: LoginPlan, app: AppConfig) -> Tree[StepEnd]:
    """Walk what an SDK does when a session is made for a request."""
    transfer = read_transfer(request, app.profile)
    place = _place(transfer, app)
    yield Saw("transfer_method", "how will the new tokens travel?", f"in a {place}")
    if place == "cookie" and _browsers_refuse(app):
        return Failed(failure=General(message=_INSECURE))
    guarded = place == "cookie" and app.anti_csrf_mode is AntiCsrf.VIA_TOKEN
    asked = replace(plan, user_data_in_jwt=_payload(plan, app))
    reply = yield from ask(CoreCreate(asked, guarded))
    if isinstance(reply, CoreTrouble):
        return Failed(failure=failure_of(reply, app))
    facts = reply.session
    session = session_view(facts, header_mode=place == "header")
    elsewhere = _clear_elsewhere(place, transfer, app)
    return Passed(session=session, changes=(*elsewhere, *attach_tokens(reply, place, app)))


def _payload(plan: LoginPlan, app: AppConfig) -> JsonObject:
    """The app's claims without those that the SDK keeps for itself, and the issuer."""
    kept = {name: value for name, value in plan.user_data_in_jwt.items() if name not in _PROTECTED}
    return {**kept, "iss": app.api_domain + app.api_base_path}


def _place(transfer: Transfer, app: AppConfig) -> Place:
    if app.profile.seed is not None:
        return "cookie"
    if app.transfer_method != "any":
        return app.transfer_method
    return "cookie" if transfer.auth_mode == "cookie" else "header"


def _browsers_refuse(app: AppConfig) -> bool:
    if app.cookie_same_site != "none" or app.cookie_secure:
        return False
    host = urlsplit(app.api_domain).hostname or ""
    return host != "localhost" and not host.replace(".", "").isdecimal()


def _clear_elsewhere(place: Place, transfer: Transfer, app: AppConfig) -> list[Change]:
    if place == "header":
        return clear_place("cookie", app) if transfer.cookie(ACCESS_COOKIE) else []
    return clear_place("header", app) if transfer.bearer else []
