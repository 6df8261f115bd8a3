"""The tree of the sign-out API.

Source: SDKs, behaviour notes 7.
"""

from stctl.exchange import Request
from stctl.recipe.config import AppConfig, VerifyOptions
from stctl.recipe.core_replies import CoreTrouble
from stctl.recipe.questions import CoreRemove
from stctl.recipe.response import clear_place
from stctl.recipe.step_end import Failed, Passed, StepEnd
from stctl.recipe.trouble import failure_of
from stctl.recipe.verify import verify
from stctl.recipe.walk import Tree, ask


def sign_out(request: Request, app: AppConfig) -> Tree[StepEnd]:
    """Verify, end the session at the core, clear the transfer method in use.

    A session that was gone already counts as ended. Claims are not validated.
    """
    options = VerifyOptions(session_required=app.profile.sign_out_needs_session)
    checked = yield from verify(request, options, app, with_claims=False)
    if isinstance(checked, Failed) or checked.session is None:
        return checked
    session = checked.session
    reply = yield from ask(CoreRemove((session.handle,)))
    if isinstance(reply, CoreTrouble):
        return Failed(failure=failure_of(reply, app), changes=checked.changes)
    cleared = clear_place("header" if session.header_mode else "cookie", app)
    return Passed(session=session, changes=(*checked.changes, *cleared))
