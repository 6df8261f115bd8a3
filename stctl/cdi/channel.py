"""One core, one app, one tenant, one version: what every call of the client goes through."""

import json
import re
from collections.abc import Mapping
from typing import Self

from stctl.cdi.replies import Reply, check_status, json_of
from stctl.cdi.retries import Repeat
from stctl.cdi.transport import Transport
from stctl.cdi.versions import checked, is_at_least, negotiate, version_order
from stctl.cdi.wire import Node
from stctl.errors import ErrorKind, StctlError
from stctl.exchange import Pairs
from stctl.jsontypes import JsonObject
from stctl.sessions.handle import PUBLIC_APP, PUBLIC_TENANT

_ID = re.compile(r"[a-z0-9-]+")
_NEVER_TENANTS = frozenset({"recipe", "config", "users", "hello"})
_UNCERTAIN = frozenset(
    {
        ErrorKind.CORE_SLOW,
        ErrorKind.CORE_CUT_SHORT,
        ErrorKind.CORE_FAILED,
        ErrorKind.CORE_NOT_A_CORE,
        ErrorKind.CORE_WRONG_SHAPE,
    }
)


class Channel:
    """Puts path, version, key and body together, and judges what comes back."""

    def __init__(
        self,
        transport: Transport,
        *,
        cdi: str | None = None,
        api_key: str | None = None,
        app_id: str = PUBLIC_APP,
        tenant_id: str = PUBLIC_TENANT,
        timeout_s: float | None = None,
    ) -> None:
        """`cdi` forces a version; without it the first call asks the core and chooses.

        Raises USAGE for a version that stctl does not speak, and SETTING_INVALID for an app,
        tenant or key that no core can have.
        """
        self._transport = transport
        self._forced = None if cdi is None else checked(cdi)
        self._negotiated: str | None = None
        self._key = _checked_key(api_key)
        self.app_id = _checked_id(app_id, "app")
        self.tenant_id = _checked_id(tenant_id, "tenant")
        self._timeout_s = timeout_s

    @property
    def target(self) -> str:
        """Where the calls go, for people: address, and app and tenant where not the default."""
        parts = [self._transport.target]
        if self.app_id != PUBLIC_APP:
            parts.append(f"app {self.app_id}")
        if self.tenant_id != PUBLIC_TENANT:
            parts.append(f"tenant {self.tenant_id}")
        return ", ".join(parts)

    @property
    def cdi_version(self) -> str:
        """The version that calls speak: the forced one, or the one found out once and kept."""
        if self._forced is not None:
            return self._forced
        if self._negotiated is None:
            self._negotiated = negotiate(self.api_versions())
        return self._negotiated

    def api_versions(self) -> list[str]:
        """Every CDI version the core offers, in the order of its answer."""
        return self._ask("GET", "/apiversion", is_versioned=False).texts("versions")

    def close(self) -> None:
        """Close the transport."""
        self._transport.close()

    def speaks(self, floor: str) -> bool:
        """Tell whether the calls speak `floor` or newer."""
        return is_at_least(self.cdi_version, floor)

    def speaking(self, cdi: str) -> Self:
        """Return a client of the same core and app that speaks `cdi`, for its default tenant."""
        return type(self)(
            self._transport,
            cdi=cdi,
            api_key=self._key,
            app_id=self.app_id,
            timeout_s=self._timeout_s,
        )

    def in_tenant(self, tenant_id: str) -> Self:
        """Return a client of the same core, app and version, for another tenant."""
        return type(self)(
            self._transport,
            cdi=self.cdi_version,
            api_key=self._key,
            app_id=self.app_id,
            tenant_id=tenant_id,
            timeout_s=self._timeout_s,
        )

    def _ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: JsonObject | None = None,
        in_tenant: bool = False,
        is_versioned: bool = True,
        in_doubt: str | None = None,
        recipe: str = "session",
    ) -> Node:
        """Make one call and return the JSON object of its answer.

        The tenant is in the path only where `in_tenant`. `in_doubt` marks a call that must not be
        made twice: it is the advice for when nobody knows whether the core carried it out.
        """
        for text in (query or {}).values():
            _check_text(text)
        cdi = self.cdi_version if is_versioned else None
        prefix = self._prefix(in_tenant=in_tenant)
        try:
            reply = self._transport.send(
                method,
                prefix + path,
                query=list((query or {}).items()),
                headers=self._headers(cdi, has_body=body is not None, recipe=recipe),
                body=b"" if body is None else _encoded(body),
                timeout_s=self._timeout_s,
                repeat=Repeat.SAFE if in_doubt is None else Repeat.ONCE,
            )
            return json_of(reply, cdi)
        except StctlError as error:
            raise self._better(error, in_doubt, cdi) from error

    def _get(self, path: str) -> Reply:
        """Return a good answer of any form to a call that needs no version."""
        headers = self._headers(None, has_body=False)
        reply = self._transport.send(
            "GET", self._prefix(in_tenant=False) + path, headers=headers, timeout_s=self._timeout_s
        )
        return check_status(reply)

    def _headers(self, cdi: str | None, *, has_body: bool, recipe: str = "session") -> Pairs:
        headers = [("rid", recipe)]
        if cdi is not None:
            headers.append(("cdi-version", cdi))
        if self._key is not None:
            headers.append(("api-key", self._key))
        if has_body:
            # Without a charset a core reads the body as ISO-8859-1 (behaviour notes 1.6).
            headers.append(("content-type", "application/json; charset=utf-8"))
        return headers

    def _prefix(self, *, in_tenant: bool) -> str:
        app = "" if self.app_id == PUBLIC_APP else f"/appid-{self.app_id}"
        if not in_tenant or self.tenant_id == PUBLIC_TENANT:
            return app
        self._need("3.0", f"tenant {self.tenant_id}")
        return f"{app}/{self.tenant_id}"

    def _need(self, floor: str, what: str) -> None:
        """Raise CORE_VERSION when the calls speak a version that lacks `what`."""
        if not self.speaks(floor):
            raise StctlError(
                ErrorKind.CORE_VERSION,
                f"{what} needs CDI {floor} or newer; this call speaks {self.cdi_version}",
                hint=f"Give --cdi {floor} or a newer one that the core offers.",
            )

    def _better(self, error: StctlError, in_doubt: str | None, cdi: str | None) -> StctlError:
        """Return the error with what the channel knows beyond the answer."""
        if error.kind is ErrorKind.CORE_KEY_REFUSED and self._key is None:
            return StctlError(error.kind, f"{error.detail} (no API key was given)")
        if error.kind is ErrorKind.CORE_REFUSED and cdi is not None and cdi == self._forced:
            return self._version_refusal(cdi) or error
        if in_doubt is not None and error.kind in _UNCERTAIN:
            return StctlError(error.kind, error.detail, hint=in_doubt)
        return error

    def _version_refusal(self, forced: str) -> StctlError | None:
        """Return the error for a forced version that the core does not offer, if that is it."""
        try:
            offered = self.api_versions()
        except StctlError:
            return None
        if forced in offered:
            return None
        return StctlError(
            ErrorKind.CORE_VERSION,
            f"{self._transport.target} does not speak CDI {forced}",
            hint=f"It offers {', '.join(sorted(offered, key=version_order))}.",
        )


def _encoded(body: JsonObject) -> bytes:
    """JSON in ASCII: other characters are escaped, which every reading of the charset survives."""
    _check_text(json.dumps(body, ensure_ascii=False))
    return json.dumps(body, separators=(",", ":"), allow_nan=False).encode("ascii")


def _check_text(text: str) -> None:
    """Raise INPUT_UNREADABLE for text that no core can store: it came from bytes of no encoding."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        wrong = text[max(0, error.start - 20) : error.end]
        raise StctlError(
            ErrorKind.INPUT_UNREADABLE, f"what ends in {wrong!r} is not UTF-8 text"
        ) from error


def _checked_id(given: str, what: str) -> str:
    wanted = given.strip().lower()
    if _ID.fullmatch(wanted) and not (what == "tenant" and wanted in _NEVER_TENANTS):
        return wanted
    raise StctlError(
        ErrorKind.SETTING_INVALID,
        f"{given!r} cannot be the id of {'an app' if what == 'app' else 'a tenant'}",
        hint="Ids consist of lower-case letters, digits and hyphens.",
    )


def _checked_key(key: str | None) -> str | None:
    """Return the key without surrounding white space, as a header can carry it."""
    wanted = (key or "").strip()
    if not wanted.isascii() or not wanted.isprintable():
        raise StctlError(
            ErrorKind.SETTING_INVALID, "the API key holds characters that no header can carry"
        )
    return wanted or None
