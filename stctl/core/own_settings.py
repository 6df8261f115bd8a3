"""What an app or a tenant has for itself of the settings (`coreConfig`).

An app may differ from its core, and a tenant from its app, in what the scope of a setting allows.
Source: core, behaviour notes section 5 and 7.7.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace

from stctl.core.refusals import BadRequest
from stctl.core.settings import CoreSettings
from stctl.core.settings.load import contradictions
from stctl.core.settings.others import OTHERS
from stctl.core.settings.readers import SettingValue
from stctl.core.settings.table import BY_NAME
from stctl.jsontypes import JsonObject, JsonValue


def settings_with(base: CoreSettings, core_config: JsonObject) -> CoreSettings:
    """Return the settings of an app or tenant: `base`, but for what it has for itself."""
    own = _own(core_config)
    return replace(base, **own) if own else base  # type: ignore[arg-type] # the readers give the types


def _own(core_config: JsonObject) -> Mapping[str, SettingValue]:
    return {
        BY_NAME[name].name: _read(name, value)
        for name, value in core_config.items()
        if name in BY_NAME
    }


def _read(name: str, value: JsonValue) -> SettingValue:
    row = BY_NAME[name]
    try:
        return row.read(value if isinstance(value, str) else json.dumps(value))
    except ValueError:
        raise BadRequest(f"The setting '{name}' must be {row.bounds}") from None


def check_app(
    core_config: JsonObject, core: CoreSettings, tenant_configs: Iterable[JsonObject]
) -> None:
    """Raise `BadRequest` (400) for settings that the app may not have.

    What its tenants have for themselves has to go with them.
    """
    _check_each(core_config)
    settings = settings_with(core, core_config)
    _check_together(settings)
    for tenant_config in tenant_configs:
        check_tenant(tenant_config, settings, core_config)


def check_tenant(core_config: JsonObject, app: CoreSettings, app_config: JsonObject) -> None:
    """Raise `BadRequest` (400) for settings that the tenant may not have.

    One of the app's scope may be repeated, and not differ.
    """
    _check_each(core_config)
    for name, value in core_config.items():
        if name in BY_NAME:
            row = BY_NAME[name]
            differs = row.scope == "app" and _read(name, value) != getattr(app, row.name)
        else:
            other = OTHERS[name]
            differs = other.scope == "app" and value != app_config.get(name, other.default)
        if differs:
            raise BadRequest(f"The setting '{name}' is the same for all tenants of an app")
    _check_together(settings_with(app, core_config))


def _check_each(core_config: JsonObject) -> None:
    for name, value in core_config.items():
        row, other = BY_NAME.get(name), OTHERS.get(name)
        if other is not None:
            if not other.takes(value):
                raise BadRequest(f"The setting '{name}' has to be a {other.type}")
        elif row is None or row.scope == "stctl":
            raise BadRequest(f"There is no setting '{name}' for an app or a tenant")
        elif row.scope == "core":
            raise BadRequest(f"The setting '{name}' is the core's own")
        else:
            _read(name, value)


def _check_together(settings: CoreSettings) -> None:
    for names, reason in contradictions(settings):
        raise BadRequest(f"{names[0]}: {reason}")
