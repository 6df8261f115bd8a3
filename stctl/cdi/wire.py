"""Strict readers: JSON of a core becomes answers, or an error that names the member."""

from dataclasses import dataclass
from typing import TypeVar, get_args

from stctl.cdi.answers import ConfigEntry, Handshake, RequestStats
from stctl.cdi.versions import is_at_least
from stctl.errors import ErrorKind, StctlError
from stctl.jsontypes import JsonObject, JsonValue
from stctl.redact import mask_text
from stctl.sessions.answers import (
    IssuedToken,
    LegacyKey,
    LegacyKeys,
    NewTokens,
    Regenerated,
    ReuseSubtype,
    SessionFacts,
    TokenTheftDetected,
    TryRefreshToken,
    Unauthorised,
    Verified,
)
from stctl.sessions.handle import tenant_of_handle
from stctl.sessions.info import SessionInfo

_NAMES: dict[type, str] = {
    str: "a string",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    list: "an array",
    dict: "an object",
    type(None): "null",
}
_T = TypeVar("_T", str, bool, int)


@dataclass(frozen=True, slots=True)
class Node:
    """A value inside an answer, which knows its path; every reader raises CORE_WRONG_SHAPE."""

    value: JsonValue
    path: str
    where: str
    """Which answer it is part of, for messages."""
    cdi: str | None = None
    """The version that was spoken; None where the call needs none."""

    def has(self, name: str) -> bool:
        """Tell whether the object has that member, null included."""
        return isinstance(self.value, dict) and name in self.value

    def child(self, name: str) -> "Node":
        """Return a member, which must be there."""
        members = self.as_object().value
        assert isinstance(members, dict)  # noqa: S101 - as_object has looked
        path = f"{self.path}.{name}" if self.path else name
        if name not in members:
            raise self.wrong(path, "is missing")
        return Node(members[name], path, self.where, self.cdi)

    def text(self, name: str) -> str:
        """Return a member that is a string."""
        return self.child(name).scalar(str)

    def text_since(self, version: str, name: str) -> str | None:
        """Return a string that must be there from a CDI version on, and may be absent below."""
        is_promised = self.cdi is not None and is_at_least(self.cdi, version)
        return self.text(name) if is_promised or self.has(name) else None

    def whole(self, name: str) -> int:
        """Return a member that is a whole number."""
        return self.child(name).scalar(int)

    def truth(self, name: str) -> bool:
        """Return a member that is true or false."""
        return self.child(name).scalar(bool)

    def mapping(self, name: str) -> JsonObject:
        """Return a member that is an object, as it is."""
        value = self.child(name).as_object().value
        assert isinstance(value, dict)  # noqa: S101 - as_object has looked
        return value

    def items(self, name: str) -> list["Node"]:
        """Return the elements of a member that is an array."""
        node = self.child(name)
        if not isinstance(node.value, list):
            raise node.wrong_type("an array")
        return [
            Node(value, f"{node.path}[{index}]", node.where, node.cdi)
            for index, value in enumerate(node.value)
        ]

    def texts(self, name: str) -> list[str]:
        """Return the strings of a member that is an array of them."""
        return [item.scalar(str) for item in self.items(name)]

    def as_object(self) -> "Node":
        """Return the node itself, known to be an object."""
        if not isinstance(self.value, dict):
            raise self.wrong_type("an object")
        return self

    def scalar(self, wanted: type[_T]) -> _T:
        """Return the value, which must be exactly of that type: true is not a number."""
        if type(self.value) is not wanted:
            raise self.wrong_type(_NAMES[wanted])
        return self.value

    def wrong_type(self, wanted: str) -> StctlError:
        """Make the error for a value of another type than `wanted`."""
        return self.wrong(self.path, f"should be {wanted}, not {_NAMES[type(self.value)]}")

    def wrong(self, path: str, problem: str) -> StctlError:
        """Make the error for what is wrong at `path`."""
        member = f"`{path}`" if path else "the answer"
        return StctlError(ErrorKind.CORE_WRONG_SHAPE, f"{self.where}: {member} {problem}")


def expect_ok(node: Node) -> None:
    """Pass over the answer OK; any other status is one that the call does not have."""
    status = node.text("status")
    if status != "OK":
        shown = mask_text(status)[:60]
        raise node.wrong("status", f"is {shown!r}, which this call does not answer")


def or_unauthorised(node: Node) -> Unauthorised | None:
    """Return the UNAUTHORISED that the answer is, None for OK; no other status is foreseen."""
    if node.text("status") == "UNAUTHORISED":
        return unauthorised(node)
    expect_ok(node)
    return None


def issued_token(node: Node) -> IssuedToken:
    """Read a token object. Source: core, behaviour notes 2.0."""
    return IssuedToken(
        token=node.text("token"),
        expires_at_ms=node.whole("expiry"),
        created_at_ms=node.whole("createdTime"),
    )


def optional_token(node: Node, name: str) -> IssuedToken | None:
    """Read a token object that may be absent."""
    return issued_token(node.child(name)) if node.has(name) else None


def optional_text(node: Node, name: str) -> str | None:
    """Read a string that may be absent; null is not absent."""
    return node.text(name) if node.has(name) else None


def session_facts(node: Node) -> SessionFacts:
    """Read a session object; ids and tenant that old versions leave out are filled in."""
    handle, user_id = node.text("handle"), node.text("userId")
    return SessionFacts(
        handle=handle,
        user_id=user_id,
        recipe_user_id=node.text_since("4.0", "recipeUserId") or user_id,
        tenant_id=node.text_since("3.0", "tenantId") or tenant_of_handle(handle),
        user_data_in_jwt=node.mapping("userDataInJWT"),
    )


def session_info(node: Node) -> SessionInfo:
    """Read the answer OK of get. Source: core, behaviour notes 2.2."""
    handle, user_id = node.text("sessionHandle"), node.text("userId")
    return SessionInfo(
        handle=handle,
        user_id=user_id,
        recipe_user_id=node.text_since("4.0", "recipeUserId") or user_id,
        tenant_id=node.text_since("3.0", "tenantId") or tenant_of_handle(handle),
        created_at_ms=node.whole("timeCreated"),
        expires_at_ms=node.whole("expiry"),
        user_data_in_jwt=node.mapping("userDataInJWT"),
        user_data_in_database=node.mapping("userDataInDatabase"),
    )


def new_tokens(node: Node) -> NewTokens:
    """Read the answer OK of create and refresh."""
    return NewTokens(
        session=session_facts(node.child("session")),
        access_token=issued_token(node.child("accessToken")),
        refresh_token=issued_token(node.child("refreshToken")),
        anti_csrf_token=optional_text(node, "antiCsrfToken"),
        id_refresh_token=optional_token(node, "idRefreshToken"),
        legacy_keys=legacy_keys(node),
    )


def verified(node: Node) -> Verified:
    """Read the answer OK of verify."""
    update = "payloadUpdateAvailable"
    return Verified(
        session=session_facts(node.child("session")),
        access_token=optional_token(node, "accessToken"),
        payload_update_available=node.truth(update) if node.has(update) else None,
        legacy_keys=legacy_keys(node),
    )


def regenerated(node: Node) -> Regenerated:
    """Read the answer OK of regenerate."""
    return Regenerated(
        session=session_facts(node.child("session")),
        access_token=optional_token(node, "accessToken"),
    )


def unauthorised(node: Node) -> Unauthorised:
    """Read an UNAUTHORISED; its text is for people and may be absent."""
    return Unauthorised(
        message=optional_text(node, "message") or "",
        reuse_subtype=reuse_subtype(node),
    )


def try_refresh_token(node: Node) -> TryRefreshToken:
    """Read a TRY_REFRESH_TOKEN."""
    return TryRefreshToken(
        message=optional_text(node, "message") or "", legacy_keys=legacy_keys(node)
    )


def token_theft(node: Node) -> TokenTheftDetected:
    """Read a TOKEN_THEFT_DETECTED. Source: core, behaviour notes 2.4.4."""
    session = node.child("session")
    user_id = session.text("userId")
    return TokenTheftDetected(
        session_handle=session.text("handle"),
        user_id=user_id,
        recipe_user_id=optional_text(session, "recipeUserId") or user_id,
        reuse_subtype=reuse_subtype(node),
    )


def reuse_subtype(node: Node) -> ReuseSubtype | None:
    """Read the subtype of a reuse, which only CDI 5.6 has."""
    name = "recentTokenReuseSubtype"
    if not node.has(name):
        return None
    given = node.text(name)
    subtypes: tuple[ReuseSubtype, ...] = get_args(ReuseSubtype)
    found = next((subtype for subtype in subtypes if subtype == given), None)
    if found is None:
        raise node.wrong(name, f"is {mask_text(given)[:60]!r}, not one of {', '.join(subtypes)}")
    return found


def legacy_keys(node: Node) -> LegacyKeys | None:
    """Read the key members of CDI below 2.21. Source: core, behaviour notes 2.11."""
    if not node.has("jwtSigningPublicKey"):
        return None
    listed = "jwtSigningPublicKeyList"
    return LegacyKeys(
        public_key=node.text("jwtSigningPublicKey"),
        expires_at_ms=node.whole("jwtSigningPublicKeyExpiryTime"),
        keys=tuple(
            LegacyKey(
                public_key=item.text("publicKey"),
                expires_at_ms=item.whole("expiryTime"),
                created_at_ms=item.whole("createdAt"),
            )
            for item in (node.items(listed) if node.has(listed) else [])
        ),
    )


def handshake(node: Node) -> Handshake:
    """Read the answer of the handshake of CDI below 2.21."""
    keys = legacy_keys(node)
    if keys is None:
        raise node.wrong("jwtSigningPublicKey", "is missing")
    return Handshake(
        keys=keys,
        is_blacklisting_enabled=node.truth("accessTokenBlacklistingEnabled"),
        access_token_validity_ms=node.whole("accessTokenValidity"),
        refresh_token_validity_ms=node.whole("refreshTokenValidity"),
    )


def config_entry(node: Node) -> ConfigEntry:
    """Read one entry of the configuration that a core publishes."""
    return ConfigEntry(
        key=node.text("key"),
        value_type=node.text("valueType"),
        value=node.child("value").value if node.has("value") else None,
        default=node.child("defaultValue").value if node.has("defaultValue") else None,
        description=optional_text(node, "description") or "",
        differs_across_tenants=node.truth("isDifferentAcrossTenants"),
    )


def request_stats(node: Node) -> RequestStats:
    """Read the statistics of requests. Source: core, behaviour notes 7.9."""
    return RequestStats(
        at_minute=node.whole("atMinute"),
        averages=tuple(_number(item) for item in node.items("averageRequestsPerSecond")),
        peaks=tuple(_number(item) for item in node.items("peakRequestsPerSecond")),
    )


def _number(node: Node) -> float:
    if isinstance(node.value, bool) or not isinstance(node.value, int | float):
        raise node.wrong_type("a number")
    return float(node.value)
