"""What a core says of itself. Source: core, behaviour notes 1.9 and 7.9."""

import os

from stctl.core.call import Call, Handler
from stctl.core.negotiation import spoken
from stctl.core.pages import json_answer, ok, text_answer
from stctl.core.refusals import Forbidden, NotFound
from stctl.core.routing import ROOT, Endpoint
from stctl.core.store import activity, key_values
from stctl.exchange import Response
from stctl.sessions.handle import PUBLIC_APP, PUBLIC_TENANT

_FEATURES = (
    "account_linking",
    "multi_tenancy",
    "dashboard_login",
    "mfa",
    "security",
    "oauth",
    "saml",
    "test",
)
_DAYS_COUNTED = 31
_MS_PER_DAY = 86_400_000
_HELLO_METHODS = ("GET", "POST", "PUT", "DELETE")


def hello(call: Call) -> Response:
    """Say hello, having looked whether the store answers; the tenant of the path is ignored."""
    app = call.app()
    if call.parts.hello_limiter.allows(app.app_id, app.clock.now_ms()):
        key_values.get(app.database.read, app.app_id, PUBLIC_TENANT, "Test")
    return text_answer(200, "Hello")


def root(call: Call) -> Response:
    """Say hello at the bare prefixes; a tenant that does not exist is just an unknown path."""
    app = call.app()
    if not app.directory.tenant_exists(app.app_id, call.tenant_id):
        raise NotFound
    return hello(call)


def unknown(_call: Call) -> Response:
    """Answer a path that leads nowhere."""
    raise NotFound


def get_api_version(call: Call) -> Response:
    """List the versions, and remember the two domains that backends name here."""
    call.public_tenant_only()
    app = call.app()
    for name in (key_values.WEBSITE_DOMAIN, key_values.API_DOMAIN):
        value = call.optional_query(name)
        if value is not None:
            key_values.put(
                app.database.write,
                app.app_id,
                PUBLIC_TENANT,
                name=name,
                value=value,
                now_ms=app.clock.now_ms(),
            )
    return json_answer({"versions": [*spoken(app.settings.supertokens_max_cdi_version)]})


def get_config(call: Call) -> Response:
    """Name the configuration file to whoever knows the process id.

    The path is empty when the core was started without a file.
    """
    pid = call.query("pid")
    call.tenant_app()
    if (call.app_id, call.tenant_id) != (PUBLIC_APP, PUBLIC_TENANT):
        raise Forbidden("Only the public tenant of the public app may ask for the configuration")
    if pid not in _own_pids():
        return json_answer({"status": "NOT_ALLOWED"})
    path = call.parts.config_path
    return ok(path=str(path.absolute()) if path else "")


def _own_pids() -> set[str]:
    """This process, and the one that started it to serve, which is what people see as the core."""
    from multiprocessing import parent_process

    parent = parent_process()
    return {str(os.getpid())} | ({str(parent.pid)} if parent is not None else set())


def get_telemetry(call: Call) -> Response:
    """Say whether the core reports to its makers. This one never does.

    A file that was a core's may hold the id that it reported under.
    """
    call.public_tenant_only()
    app = call.app()
    found = key_values.get(app.database.read, app.app_id, PUBLIC_TENANT, key_values.TELEMETRY_ID)
    if found is None or app.settings.disable_telemetry:
        return json_answer({"exists": False})
    return json_answer({"exists": True, "telemetryId": found[0]})


def get_feature_flags(call: Call) -> Response:
    """List the paid features, and count active users over the last 1 to 31 days."""
    call.public_tenant_only()
    app = call.app()
    if not app.settings.paid_features:
        return ok(features=[], usageStats={})
    now_ms = app.clock.now_ms()
    days = range(1, _DAYS_COUNTED + 1)
    active = [
        activity.count_active_since(app.database.read, app.app_id, now_ms - day * _MS_PER_DAY)
        for day in days
    ]
    return ok(features=[*_FEATURES], usageStats={"maus": [*active]})


def get_statistics(call: Call) -> Response:
    """Return requests per second, minute by minute, for the last day."""
    call.public_tenant_only()
    app = call.app()
    day = call.parts.statistics.last_day(app.app_id, app.clock.now_ms())
    return ok(
        atMinute=day.at_minute,
        averageRequestsPerSecond=[*day.averages],
        peakRequestsPerSecond=[*day.peaks],
    )


def _all_methods(handler: Handler) -> dict[str, Handler]:
    return dict.fromkeys(_HELLO_METHODS, handler)


ENDPOINTS = (
    Endpoint(path="/hello", methods=_all_methods(hello), needs_key=False, needs_version=False),
    Endpoint(path="/apiversion", methods={"GET": get_api_version}, needs_version=False),
    Endpoint(path="/config", methods={"GET": get_config}, needs_key=False),
    Endpoint(path="/telemetry", methods={"GET": get_telemetry}),
    Endpoint(path="/ee/featureflag", methods={"GET": get_feature_flags}),
    Endpoint(path="/requests/stats", methods={"GET": get_statistics}),
)
ROOT_ENDPOINT = Endpoint(path=ROOT, methods=_all_methods(root), needs_key=False)
UNKNOWN_ENDPOINT = Endpoint(path="", methods=_all_methods(unknown), needs_key=False)
