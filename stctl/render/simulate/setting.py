"""Where scenarios were played, in words: a rehearsed backend and its core, or a real app."""

from stctl.scenarios.play import Performance
from stctl.scenarios.stage import Target

UNKNOWN_CORE = "its core is not known"


def backend_of(performance: Performance) -> tuple[str, ...]:
    """The backend's interface to the core and its SDK, as far as it is known."""
    profile, cdi = performance.wishes.profile, f"CDI {performance.wishes.cdi}"
    if not knows_sdk(performance):
        return (cdi,)
    return cdi, f"{profile.sdk} {profile.version}"


def knows_sdk(performance: Performance) -> bool:
    """Whether the SDK of the backend is known: of an app nobody need have said it."""
    line = performance.target.app
    return line is None or line.set_up.known.sdk is not None


def place_of(target: Target) -> tuple[str, ...]:
    """The addresses that are played on."""
    if target.app is None:
        return (target.name,)
    core = UNKNOWN_CORE if target.core_name is None else f"core {target.core_name}"
    return f"app {target.name}", core
