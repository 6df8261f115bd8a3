"""The client of a core: one method per endpoint, typed answers.

An outcome of a session is returned; StctlError is raised only when there is no such outcome.
Which errors there can be is the same for every method: the kinds CORE_… of `stctl/errors.py`.
"""

from collections.abc import Sequence

from stctl.cdi import bodies, wire
from stctl.cdi.core_calls import CoreCalls
from stctl.cdi.people import PeopleCalls
from stctl.cdi.roles import RoleCalls
from stctl.cdi.tenancy import TenantCalls
from stctl.jsontypes import JsonObject
from stctl.sessions.answers import (
    NewTokens,
    Regenerated,
    TokenTheftDetected,
    TryRefreshToken,
    Unauthorised,
    Verified,
)
from stctl.sessions.info import SessionInfo

_REFRESH_IN_DOUBT = (
    "It is not known whether the core replaced the refresh token. Do not send it again blindly: "
    "a token that was replaced counts as stolen when it comes a second time."
)
_CREATE_IN_DOUBT = (
    "It is not known whether the core made the session: look with `stctl sessions list`."
)


class CdiClient(CoreCalls, PeopleCalls, RoleCalls, TenantCalls):
    """Asks one core, for one app and one tenant, in one CDI version. Fit for several threads."""

    def create_session(
        self,
        user_id: str,
        *,
        user_data_in_jwt: JsonObject | None = None,
        user_data_in_database: JsonObject | None = None,
        enable_anti_csrf: bool = False,
        use_dynamic_signing_key: bool | None = None,
        access_token_validity_ms: int | None = None,
    ) -> NewTokens:
        """Make a session in this client's tenant; the user need not exist.

        None leaves the kind of key and the validity to the core (a dynamic key, its configured
        validity). Naming them needs CDI 2.21 and 5.6: CORE_VERSION below.
        """
        body = bodies.create_body(
            self.cdi_version,
            user_id,
            user_data_in_jwt=user_data_in_jwt or {},
            user_data_in_database=user_data_in_database or {},
            enable_anti_csrf=enable_anti_csrf,
            use_dynamic_signing_key=use_dynamic_signing_key,
            access_token_validity_ms=access_token_validity_ms,
        )
        node = self._ask(
            "POST", "/recipe/session", body=body, in_tenant=True, in_doubt=_CREATE_IN_DOUBT
        )
        wire.expect_ok(node)
        return wire.new_tokens(node)

    def get_session(self, handle: str) -> SessionInfo | Unauthorised:
        """Return what the core knows of a session; UNAUTHORISED when it is gone or expired."""
        node = self._ask("GET", "/recipe/session", query={"sessionHandle": handle})
        return wire.or_unauthorised(node) or wire.session_info(node)

    def verify_session(
        self,
        access_token: str,
        *,
        anti_csrf_token: str | None = None,
        do_anti_csrf_check: bool = False,
        enable_anti_csrf: bool = False,
        check_database: bool = False,
    ) -> Verified | Unauthorised | TryRefreshToken:
        """Ask the core to judge an access token.

        Up to CDI 5.5 this may change the session: the first use of a refreshed token makes its
        refresh token the current one.
        """
        body = bodies.verify_body(
            self.cdi_version,
            access_token,
            anti_csrf_token=anti_csrf_token,
            do_anti_csrf_check=do_anti_csrf_check,
            enable_anti_csrf=enable_anti_csrf,
            check_database=check_database,
        )
        node = self._ask("POST", "/recipe/session/verify", body=body)
        if node.text("status") == "TRY_REFRESH_TOKEN":
            return wire.try_refresh_token(node)
        return wire.or_unauthorised(node) or wire.verified(node)

    def refresh_session(
        self,
        refresh_token: str,
        *,
        anti_csrf_token: str | None = None,
        enable_anti_csrf: bool = False,
        use_dynamic_signing_key: bool | None = None,
        access_token_validity_ms: int | None = None,
    ) -> NewTokens | Unauthorised | TokenTheftDetected:
        """Trade a refresh token for new tokens. Never sent twice unless it never arrived.

        From CDI 5.0 on None for the kind of key means dynamic, below it the kind the session has.
        """
        body = bodies.refresh_body(
            self.cdi_version,
            refresh_token,
            anti_csrf_token=anti_csrf_token,
            enable_anti_csrf=enable_anti_csrf,
            use_dynamic_signing_key=use_dynamic_signing_key,
            access_token_validity_ms=access_token_validity_ms,
        )
        node = self._ask("POST", "/recipe/session/refresh", body=body, in_doubt=_REFRESH_IN_DOUBT)
        if node.text("status") == "TOKEN_THEFT_DETECTED":
            return wire.token_theft(node)
        return wire.or_unauthorised(node) or wire.new_tokens(node)

    def revoke_handles(self, handles: Sequence[str]) -> list[str]:
        """End sessions; return the handles that were there, expired ones included."""
        node = self._ask("POST", "/recipe/session/remove", body={"sessionHandles": [*handles]})
        wire.expect_ok(node)
        return node.texts("sessionHandlesRevoked")

    def revoke_user(
        self, user_id: str, *, across_tenants: bool = True, linked_accounts: bool = True
    ) -> list[str]:
        """End the unexpired sessions of a user and return their handles.

        Not across tenants means this client's tenant only. The core notes the user as active.
        """
        body = bodies.remove_user_body(
            user_id, across_tenants=across_tenants, linked_accounts=linked_accounts
        )
        node = self._ask("POST", "/recipe/session/remove", body=body, in_tenant=not across_tenants)
        wire.expect_ok(node)
        return node.texts("sessionHandlesRevoked")

    def handles_of_user(
        self, user_id: str, *, across_tenants: bool = True, linked_accounts: bool = True
    ) -> list[str]:
        """Return the handles of the user's unexpired sessions, in no order."""
        query = bodies.list_query(
            user_id, across_tenants=across_tenants, linked_accounts=linked_accounts
        )
        node = self._ask("GET", "/recipe/session/user", query=query, in_tenant=not across_tenants)
        wire.expect_ok(node)
        return node.texts("sessionHandles")

    def get_session_data(self, handle: str) -> JsonObject | Unauthorised:
        """Return the data that the database keeps with a session."""
        node = self._ask("GET", "/recipe/session/data", query={"sessionHandle": handle})
        no = wire.or_unauthorised(node)
        return node.mapping("userDataInDatabase") if no is None else no

    def set_session_data(self, handle: str, data: JsonObject) -> Unauthorised | None:
        """Replace that data as a whole; None means done."""
        body: JsonObject = {"sessionHandle": handle, "userDataInDatabase": dict(data)}
        return wire.or_unauthorised(self._ask("PUT", "/recipe/session/data", body=body))

    def get_jwt_payload(self, handle: str) -> JsonObject | Unauthorised:
        """Return the stored payload, which the next access token will carry."""
        node = self._ask("GET", "/recipe/jwt/data", query={"sessionHandle": handle})
        no = wire.or_unauthorised(node)
        return node.mapping("userDataInJWT") if no is None else no

    def set_jwt_payload(self, handle: str, payload: JsonObject) -> Unauthorised | None:
        """Replace the stored payload; None means done. Tokens already issued keep theirs."""
        body: JsonObject = {"sessionHandle": handle, "userDataInJWT": dict(payload)}
        return wire.or_unauthorised(self._ask("PUT", "/recipe/jwt/data", body=body))

    def regenerate(
        self, access_token: str, payload: JsonObject | None = None
    ) -> Regenerated | Unauthorised:
        """Write a payload and get an access token with it, of the same expiry.

        None keeps the stored payload. The core does not check the signature of the token.
        """
        body: JsonObject = {
            "accessToken": access_token,
            **({} if payload is None else {"userDataInJWT": dict(payload)}),
        }
        node = self._ask("POST", "/recipe/session/regenerate", body=body)
        return wire.or_unauthorised(node) or wire.regenerated(node)
