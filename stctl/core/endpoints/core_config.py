"""The settings that hold for a tenant, as a dashboard shows them.

Source: core, behaviour notes 7.7.
"""

from collections.abc import Mapping
from typing import Final

from stctl.core.call import Call
from stctl.core.endpoints.shapes import Members
from stctl.core.pages import ok
from stctl.core.routing import Endpoint
from stctl.core.settings import SETTINGS, CoreSettings, Setting
from stctl.core.settings.others import OTHERS, OtherSetting
from stctl.core.settings.readers import SettingValue
from stctl.core.store import Sql, tenants
from stctl.core.tenancy import TenantConfig
from stctl.exchange import Response
from stctl.jsontypes import JsonValue
from stctl.sessions.handle import PUBLIC_TENANT

_HIDDEN: Final = frozenset(
    {"api_keys", "supertokens_max_cdi_version", "supertokens_min_cdi_version"}
)
_OUTDATED: Final = frozenset({"access_token_blacklisting", "access_token_signing_key_dynamic"})
_TYPES: Final = {"integer": "number", "number": "number", "boolean": "boolean"}


def get_core_config(call: Call) -> Response:
    """List the effective values; the core's own settings and hidden ones are left out."""
    app = call.tenant_app()
    settings = app.directory.settings(app.app_id, call.tenant_id)
    own = _own(app.database.read, app.app_id, call.tenant_id)
    shown = [_setting(row, settings) for row in SETTINGS if _is_shown(row)]
    listed: list[JsonValue] = [*shown, *(_other(one, own) for one in OTHERS.values())]
    return ok(config=listed)


def _own(sql: Sql, app_id: str, tenant_id: str) -> Mapping[str, JsonValue]:
    configs = [tenants.find(sql, app_id, one) for one in (PUBLIC_TENANT, tenant_id)]
    found: dict[str, JsonValue] = {}
    for row in configs:
        if row is not None:
            found.update(TenantConfig.read(row.config).core_config)
    return found


def own_value(call: Call, name: str) -> int:
    """Return the number that one of the other settings has for the tenant of the path."""
    own = _own(call.parts.database.read, call.app_id, call.tenant_id)
    value = own.get(name, OTHERS[name].default)
    return int(value) if isinstance(value, int | float) else 0


def _is_shown(row: Setting) -> bool:
    return row.scope in {"app", "tenant"} and row.name not in _HIDDEN | _OUTDATED


def _setting(row: Setting, settings: CoreSettings) -> Members:
    default = _json(row.default)
    return {
        "key": row.name,
        "valueType": _TYPES.get(row.type, "string"),
        "value": _json(getattr(settings, row.name)),
        "description": f"{row.meaning} ({row.unit})" if row.unit else row.meaning,
        "isDifferentAcrossTenants": row.scope == "tenant",
        "possibleValues": None,
        "isNullable": default is None,
        "defaultValue": default,
        **_NOT_OF_A_PLUGIN,
    }


def _json(value: SettingValue) -> JsonValue:
    return [*sorted(value)] if isinstance(value, frozenset) else value


def _other(setting: OtherSetting, own: Mapping[str, JsonValue]) -> Members:
    return {
        "key": setting.name,
        "valueType": setting.type,
        "value": own.get(setting.name, setting.default),
        "description": setting.meaning,
        "isDifferentAcrossTenants": setting.scope == "tenant",
        "possibleValues": [*setting.options] or None,
        "isNullable": setting.default is None,
        "defaultValue": setting.default,
        **_NOT_OF_A_PLUGIN,
    }


_NOT_OF_A_PLUGIN: Final[Members] = {"isPluginProperty": False, "isPluginPropertyEditable": False}

ENDPOINTS = (
    Endpoint(path="/recipe/dashboard/tenant/core-config", methods={"GET": get_core_config}),
)
