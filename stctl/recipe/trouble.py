"""What an SDK makes of trouble with its core.

Source: SDKs, behaviour notes 5.1.
"""

from stctl.recipe.config import AppConfig
from stctl.recipe.core_replies import CoreTrouble
from stctl.recipe.failures import Failure, General, TryRefreshToken

_VERIFY_PATH = "/session/verify"


def failure_of(trouble: CoreTrouble, app: AppConfig) -> Failure:
    """Return the error that the SDK raises; only an unusable answer to verify is no general one."""
    messages = app.profile.messages
    match trouble.kind:
        case "refused":
            return General(message=messages.no_core)
        case "timeout":
            return General(message=messages.timeout)
        case "version":
            return General(message=messages.incompatible)
        case "status":
            text = messages.core_status.format(
                method=trouble.method, path=trouble.path, status=trouble.status, body=trouble.body
            )
            return General(message=text)
        case "unusable":
            return _unusable(trouble, app)


def _unusable(trouble: CoreTrouble, app: AppConfig) -> Failure:
    profile = app.profile
    if trouble.path.endswith(_VERIFY_PATH):
        if profile.unusable_verify == "try_refresh":
            return TryRefreshToken(message=profile.messages.unusable_verify)
        panics = profile.unusable_verify == "panic"
        return General(message=profile.messages.unusable_verify, closes_connection=panics)
    panics = profile.unusable_refresh == "panic"
    return General(message=profile.messages.unusable_refresh, closes_connection=panics)
