"""Where scenarios are played: a core, a clock, and how the backend is set up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from stctl.cdi.client import CdiClient
from stctl.cdi.transport import Transport
from stctl.clock import Clock
from stctl.recipe.config import AntiCsrf, AppConfig
from stctl.recipe.overrides import Overrides
from stctl.recipe.profiles.newest import NODE
from stctl.recipe.profiles.profile import Profile
from stctl.recipe.transfer import Place
from stctl.scenarios.core_link import Core, CoreLink
from stctl.scenarios.durations import show_duration
from stctl.scenarios.model import Case, CoreIs, CoreState, LogIn, Needs, SignUp, Wait

if TYPE_CHECKING:
    from stctl.scenarios.app.line import AppLine

SHORT_LIVED_SINCE: Final = "5.6"
API_KEYS: Final = "api_keys"
LONGEST_WAIT_MS: Final = 120_000
REPLACED: Final[frozenset[CoreState]] = frozenset({"restarted", "other-app"})
"""What happens to a core only where it is replaced by another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The core that scenarios are played on, and the app, where it is a real one."""

    name: str
    """For people; never with a secret."""
    is_rehearsal: bool
    """Whether its clock may be moved, its settings chosen, and its sessions left behind."""
    clock: Clock
    transport_for: Callable[[Mapping[str, str]], Transport]
    """Makes the way to a core that has these settings."""
    fresh_transport_for: Callable[[Mapping[str, str]], Transport] | None = None
    """Makes the way to another core, which is new and empty; None where there can be none."""
    api_key: str | None = None
    app_id: str = "public"
    tenant_id: str = "public"
    name_user: Callable[[str], str] = lambda user: user
    """Makes the id of a user of a scenario; on a core that is in use it must be one of a kind."""
    notify: Callable[[str], None] = lambda _: None
    """Tells people what is waited for."""
    app: "AppLine | None" = None
    """An app that answers in place of the rehearsed backend."""
    core_name: str | None = None
    """The core of that app, for people; None where it is not known."""

    @property
    def has_core(self) -> bool:
        """Whether there is a core that can be asked: of an app it need not be known."""
        return self.app is None or self.app.has_core


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the person asked for; None leaves it to the case."""

    cdi: str
    profile: Profile = field(default=NODE)
    anti_csrf: AntiCsrf | None = None
    transfer: Place | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    """Of the core."""
    overrides: Overrides = field(default_factory=Overrides)
    status: int | None = None
    """Of the promised answer, in place of the one that the default handler gives."""
    body: str | None = None
    """What the body of the promised answer must hold: text, or members of a JSON object."""
    app: AppConfig | None = None
    """How a real app is set up, which no case can change."""

    def app_for(self, needs: Needs) -> AppConfig:
        """The backend's configuration for a case."""
        if self.app is not None:
            return self.app
        return AppConfig(
            profile=self.profile,
            anti_csrf=self.anti_csrf or needs.anti_csrf,
            older_cookie_domain=needs.older_cookie_domain,
        )

    def place_for(self, needs: Needs) -> Place:
        """How the tokens travel in a case: in cookies, unless somebody wants headers."""
        return self.transfer or needs.transfer or "cookie"

    def settings_for(self, needs: Needs) -> Mapping[str, str]:
        """The core's settings for a case; what the person set goes before."""
        return {**needs.settings, **self.settings}


def open_core(target: Target, settings: Mapping[str, str], spoken: str) -> Core:
    """Return the core of a target, as a backend is connected to it that speaks one CDI version."""
    keys = settings.get(API_KEYS, "") if target.is_rehearsal else target.api_key or ""
    own_key = keys.split(",")[0].strip() or None

    def connect(
        transport: Transport, *, key: str | None = None, cdi: str | None = None
    ) -> CdiClient:
        return CdiClient(
            transport,
            cdi=cdi or spoken,
            api_key=key or own_key,
            app_id=target.app_id,
            tenant_id=target.tenant_id,
        )

    return Core(CoreLink(target.transport_for(settings), target.clock), connect)


def why_not_played(
    case: Case, wishes: Wishes, target: Target, offered: frozenset[str]
) -> str | None:
    """Return why a case cannot be played here; None when it can. `offered`: the core's CDIs."""
    needs = case.needs
    if target.app is not None:
        from stctl.scenarios.app.possible import why_not_on_app

        return why_not_on_app(case, wishes, target, target.app, offered)
    if not needs.cdi.holds(wishes.cdi):
        near = needs.cdi.first or needs.cdi.last
        return f"it needs {needs.cdi}: --cdi {near}"
    if needs.anti_csrf and wishes.anti_csrf not in {None, needs.anti_csrf}:
        return f"it needs --anti-csrf {needs.anti_csrf}"
    if needs.transfer and wishes.transfer not in {None, needs.transfer}:
        return f"it needs --transfer {needs.transfer}"
    return None if target.is_rehearsal else _why_not_on_a_real_core(case, target, offered)


def _why_not_on_a_real_core(case: Case, target: Target, offered: frozenset[str]) -> str | None:
    missing = [name for name in case.needs.settings if name != API_KEYS or target.api_key is None]
    if missing:
        return f"it needs a core with the setting {', '.join(missing)}, which cannot be set there"
    for step in case.steps:
        deed = step.deed
        if isinstance(deed, Wait) and (deed.duration_ms or 0) > LONGEST_WAIT_MS:
            return f"it would really take {show_duration(deed.duration_ms or 0)} there"
        if isinstance(deed, CoreIs) and deed.state in REPLACED:
            return "it needs a core that can be replaced by another"
        if isinstance(deed, SignUp):
            return "it would make a user there"
        if isinstance(deed, LogIn) and deed.short_lived and SHORT_LIVED_SINCE not in offered:
            return (
                f"it needs an access token that expires soon, and the core offers no CDI "
                f"{SHORT_LIVED_SINCE}, in which one can ask for that"
            )
    return None
