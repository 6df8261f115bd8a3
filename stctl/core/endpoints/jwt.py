"""Signing keys as they are published, and JWTs of one's own.

Source: core, behaviour notes 1.9, 2.10 and 4.4.
"""

from stctl.core.app import App
from stctl.core.call import Call
from stctl.core.endpoints.shapes import key_members
from stctl.core.negotiation import V2_21
from stctl.core.pages import json_answer, ok
from stctl.core.refusals import BadRequest, NotFound
from stctl.core.routing import Endpoint
from stctl.exchange import Response
from stctl.jsontypes import JsonObject, JsonValue
from stctl.tokens.codec import encode_base64url, write_json

_ALGORITHM = "RS256"


def get_jwks(call: Call) -> Response:
    """Return the key set with the time for which it may be cached."""
    app = call.app()
    keys = _published(app)
    cache = f"max-age={app.keys.cache_seconds()}, must-revalidate"
    return json_answer({"keys": keys}, headers=(("Cache-Control", cache),))


def get_old_jwks(call: Call) -> Response:
    """Return the key set as callers before 2.21 fetched it."""
    call.public_tenant_only()
    return ok(keys=_published(call.app()))


def _published(app: App) -> list[JsonValue]:
    return [{**key.jwk} for key in app.keys.all()]


def post_jwt(call: Call) -> Response:
    """Sign a JWT with any payload."""
    fields = call.fields()
    algorithm = fields.string("algorithm")
    domain = fields.string("jwksDomain")
    payload = fields.object("payload")
    validity_s = fields.long("validity")
    static = True
    if call.version >= V2_21:
        static = fields.optional_boolean("useStaticSigningKey") is not False
    if validity_s <= 0:
        raise BadRequest("validity has to be above 0")
    call.public_tenant_only()
    app = call.app()
    if algorithm.upper() != _ALGORITHM:
        return json_answer({"status": "UNSUPPORTED_ALGORITHM_ERROR"})
    now_s = app.clock.now_ms() // 1000
    claims = {"iss": domain, "iat": now_s, "exp": now_s + validity_s, **payload}
    return ok(jwt=_signed(app, claims, static=static))


def _signed(app: App, claims: JsonObject, *, static: bool) -> str:
    key = app.keys.signing(static=static)
    header: JsonObject = {"kid": key.kid, "typ": "JWT", "alg": _ALGORITHM}
    unsigned = ".".join(encode_base64url(write_json(part)) for part in (header, claims))
    return f"{unsigned}.{encode_base64url(key.sign(unsigned.encode('ascii')))}"


def post_handshake(call: Call) -> Response:
    """Return what backends before 2.21 asked for at their start."""
    if call.version >= V2_21:
        raise NotFound
    app = call.tenant_app()
    return ok(
        **key_members(app, call.version),
        accessTokenBlacklistingEnabled=app.settings.access_token_blacklisting,
        accessTokenValidity=app.settings.access_token_validity_ms,
        refreshTokenValidity=app.settings.refresh_token_validity_ms,
    )


ENDPOINTS = (
    Endpoint(
        path="/.well-known/jwks.json",
        methods={"GET": get_jwks},
        needs_key=False,
        needs_version=False,
    ),
    Endpoint(path="/recipe/jwt/jwks", methods={"GET": get_old_jwks}),
    Endpoint(path="/recipe/jwt", methods={"POST": post_jwt}),
    Endpoint(path="/recipe/handshake", methods={"POST": post_handshake}),
)
