"""What can be asked of a core that is not about one session."""

import re

from stctl.cdi import bodies, wire
from stctl.cdi.answers import (
    ConfigEntry,
    Handshake,
    KeySet,
    KnownUser,
    RequestStats,
    UnknownUser,
    UnsupportedAlgorithm,
)
from stctl.cdi.channel import Channel
from stctl.cdi.replies import json_of, text_of
from stctl.errors import ErrorKind, StctlError
from stctl.exchange import first_value
from stctl.jsontypes import JsonObject

_MAX_AGE = re.compile(r"max-age=(\d{1,9})")


class CoreCalls(Channel):
    """Service, keys, configuration and users."""

    def hello(self) -> str:
        """Return the core's greeting; a core that cannot reach its database fails here."""
        return text_of(self._get("/hello"))

    def jwks(self) -> KeySet:
        """Return the published keys and how long they may be kept."""
        reply = self._get("/.well-known/jwks.json")
        node = json_of(reply)
        node.items("keys")
        found = _MAX_AGE.search(first_value(reply.headers, "cache-control") or "")
        assert isinstance(node.value, dict)  # noqa: S101 - json_of returns objects
        return KeySet(document=node.value, max_age_s=int(found[1]) if found else None)

    def sign_jwt(
        self,
        payload: JsonObject,
        *,
        validity_s: int,
        jwks_domain: str,
        algorithm: str = "RS256",
        use_static_signing_key: bool | None = None,
    ) -> str | UnsupportedAlgorithm:
        """Have the core sign a JWT that is no session token; None takes a static key."""
        body = bodies.sign_body(
            self.cdi_version,
            payload,
            validity_s=validity_s,
            jwks_domain=jwks_domain,
            algorithm=algorithm,
            use_static_signing_key=use_static_signing_key,
        )
        node = self._ask("POST", "/recipe/jwt", body=body)
        if node.text("status") == "UNSUPPORTED_ALGORITHM_ERROR":
            return UnsupportedAlgorithm(algorithm=algorithm)
        wire.expect_ok(node)
        return node.text("jwt")

    def handshake(self) -> Handshake:
        """Return keys and validities as CDI below 2.21 hands them out; CORE_VERSION above."""
        if self.speaks("2.21"):
            raise StctlError(
                ErrorKind.CORE_VERSION,
                f"the handshake ended with CDI 2.20; this call speaks {self.cdi_version}",
                hint="Give --cdi 2.20 or an older one.",
            )
        node = self._ask("POST", "/recipe/handshake", body={}, in_tenant=True)
        wire.expect_ok(node)
        return wire.handshake(node)

    def config(self, pid: int) -> str | None:
        """Return the path of the core's configuration file; None unless `pid` is its process."""
        node = self._ask("GET", "/config", query={"pid": str(pid)})
        if node.text("status") == "NOT_ALLOWED":
            return None
        wire.expect_ok(node)
        return node.text("path")

    def core_config(self) -> tuple[ConfigEntry, ...]:
        """Return the settings that the core publishes for this tenant; needs CDI 5.1."""
        self._need("5.1", "reading the core's settings")
        path = "/recipe/dashboard/tenant/core-config"
        node = self._ask("GET", path, in_tenant=True)
        wire.expect_ok(node)
        return tuple(wire.config_entry(item.as_object()) for item in node.items("config"))

    def request_stats(self) -> RequestStats:
        """Return how many requests a second the core process had in each minute of the last day."""
        node = self._ask("GET", "/requests/stats")
        wire.expect_ok(node)
        return wire.request_stats(node)

    def telemetry_id(self) -> str | None:
        """Return the id under which the core reports itself; None where it has none.

        It has none while it keeps everything in memory, and where telemetry is switched off.
        """
        node = self._ask("GET", "/telemetry")
        return node.text("telemetryId") if node.truth("exists") else None

    def user(self, user_id: str) -> KnownUser | UnknownUser:
        """Return the user of that id, if the core has one; sessions need none."""
        node = self._ask("GET", "/user/id", query={"userId": user_id})
        if node.text("status") == "UNKNOWN_USER_ID_ERROR":
            return UnknownUser(user_id=user_id)
        wire.expect_ok(node)
        return KnownUser(user=node.mapping("user"))
