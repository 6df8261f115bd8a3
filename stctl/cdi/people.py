"""Calls about users: lists and counts, sign-up, metadata, other ids."""

from stctl.cdi import user_wire, wire
from stctl.cdi.channel import Channel
from stctl.cdi.wire import Node
from stctl.errors import ErrorKind, StctlError
from stctl.jsontypes import JsonObject
from stctl.sessions.people import (
    EmailTaken,
    MappingExists,
    UnknownMapping,
    UnmappableUser,
    User,
    UserCount,
    UserIdMapping,
    UserPage,
    UserSearch,
)

USERS_AT_MOST = 500
"""On one page. Source: core, behaviour notes 7.1."""
_SIGN_UP_IN_DOUBT = (
    "It is not known whether the core made the user: look with `stctl users list --email`."
)


class PeopleCalls(Channel):
    """Users and what hangs on them. Source: core, behaviour notes 7.1 to 7.8."""

    def users_page(
        self, search: UserSearch, *, limit: int = 100, token: str | None = None
    ) -> UserPage:
        """Return users of this client's tenant, from the place of `token`, or from the first.

        `limit` is 1 to 500. Searches by account need CDI 2.20.
        """
        if search.is_by_account:
            self._need("2.20", "a search for users")
        node = self._ask("GET", "/users", query=_users_query(search, limit, token), in_tenant=True)
        wire.expect_ok(node)
        return UserPage(
            users=tuple(user_wire.user(item) for item in node.items("users")),
            next_token=wire.optional_text(node, "nextPaginationToken"),
        )

    def find_user(self, user_id: str) -> User | None:
        """Return the user of that id, None where the core has none; sessions need none.

        Needs CDI 4.0.
        """
        self._need("4.0", "looking up a user")
        node = self._ask("GET", "/user/id", query={"userId": user_id})
        if node.text("status") == "UNKNOWN_USER_ID_ERROR":
            return None
        wire.expect_ok(node)
        return user_wire.user(node.child("user"))

    def count_users(
        self,
        *,
        recipes: tuple[str, ...] = (),
        all_tenants: bool = False,
        allow_approximate: bool = False,
    ) -> UserCount:
        """Count the users of this client's tenant, or of the app; approximately from CDI 5.6 on."""
        query = {
            **({"includeRecipeIds": ",".join(recipes)} if recipes else {}),
            **({"includeAllTenants": "true"} if all_tenants else {}),
            **({"allowApproximate": "true"} if allow_approximate else {}),
        }
        node = self._ask("GET", "/users/count", query=query, in_tenant=not all_tenants)
        wire.expect_ok(node)
        return UserCount(
            count=node.whole("count"),
            is_approximate=node.has("approximate") and node.truth("approximate"),
            as_of_ms=node.whole("asOf") if node.has("asOf") else None,
        )

    def count_active_users(self, since_ms: int) -> int:
        """Count the users of the app that used a session since a moment."""
        node = self._ask("GET", "/users/count/active", query={"since": str(since_ms)})
        wire.expect_ok(node)
        return node.whole("count")

    def sign_up(self, email: str, password: str) -> User | EmailTaken:
        """Make a user with a password in this client's tenant. Never sent twice in doubt."""
        node = self._ask(
            "POST",
            "/recipe/signup",
            body={"email": email, "password": password},
            in_tenant=True,
            in_doubt=_SIGN_UP_IN_DOUBT,
            recipe="emailpassword",
        )
        if node.text("status") == "EMAIL_ALREADY_EXISTS_ERROR":
            return EmailTaken(email=email)
        wire.expect_ok(node)
        return _signed_up(node)

    def remove_user(self, user_id: str) -> None:
        """Remove a user with all that is linked, and every session; unknown users pass."""
        body: JsonObject = {"userId": user_id}
        wire.expect_ok(self._ask("POST", "/user/remove", body=body))

    def user_metadata(self, user_id: str) -> JsonObject:
        """Return the metadata of a user; empty where there is none, or no such user."""
        node = self._ask("GET", "/recipe/user/metadata", query={"userId": user_id})
        wire.expect_ok(node)
        return node.mapping("metadata")

    def update_user_metadata(self, user_id: str, update: JsonObject) -> JsonObject:
        """Merge into the metadata, one level deep: null removes a member. Returns the whole."""
        body: JsonObject = {"userId": user_id, "metadataUpdate": dict(update)}
        node = self._ask("PUT", "/recipe/user/metadata", body=body)
        wire.expect_ok(node)
        return node.mapping("metadata")

    def remove_user_metadata(self, user_id: str) -> None:
        """Remove the metadata of a user as a whole."""
        body: JsonObject = {"userId": user_id}
        wire.expect_ok(self._ask("POST", "/recipe/user/metadata/remove", body=body))

    def user_id_mapping(self, user_id: str) -> UserIdMapping | UnknownMapping:
        """Return the mapping that has the id on either side."""
        node = self._ask("GET", "/recipe/userid/map", query={"userId": user_id})
        if node.text("status") == "UNKNOWN_MAPPING_ERROR":
            return UnknownMapping(user_id=user_id)
        wire.expect_ok(node)
        return UserIdMapping(
            supertokens_user_id=node.text("superTokensUserId"),
            external_user_id=node.text("externalUserId"),
            info=wire.optional_text(node, "externalUserIdInfo"),
        )

    def add_user_id_mapping(
        self, mapping: UserIdMapping, *, force: bool = False
    ) -> MappingExists | UnmappableUser | None:
        """Give a user another id; None means done.

        `force` maps a user whose own id is in use by other recipes already.
        """
        body: JsonObject = {
            "superTokensUserId": mapping.supertokens_user_id,
            "externalUserId": mapping.external_user_id,
            **({} if mapping.info is None else {"externalUserIdInfo": mapping.info}),
            **({"force": True} if force else {}),
        }
        node = self._ask("POST", "/recipe/userid/map", body=body)
        status = node.text("status")
        if status == "UNKNOWN_SUPERTOKENS_USER_ID_ERROR":
            return UnmappableUser(user_id=mapping.supertokens_user_id)
        if status == "USER_ID_MAPPING_ALREADY_EXISTS_ERROR":
            return MappingExists(
                has_supertokens_user_id=node.truth("doesSuperTokensUserIdExist"),
                has_external_user_id=node.truth("doesExternalUserIdExist"),
            )
        wire.expect_ok(node)
        return None

    def remove_user_id_mapping(self, user_id: str, *, force: bool = False) -> bool:
        """Remove the mapping with the id on either side; tell whether there was one."""
        body: JsonObject = {"userId": user_id, **({"force": True} if force else {})}
        node = self._ask("POST", "/recipe/userid/map/remove", body=body)
        wire.expect_ok(node)
        return node.truth("didMappingExist")


def _users_query(search: UserSearch, limit: int, token: str | None) -> dict[str, str]:
    if not 1 <= limit <= USERS_AT_MOST:
        raise StctlError(ErrorKind.USAGE, f"a page of users has 1 to {USERS_AT_MOST}, not {limit}")
    texts = {
        "includeRecipeIds": ",".join(search.recipes),
        "email": ";".join(search.emails),
        "phone": ";".join(search.phones),
        "provider": ";".join(search.providers),
        "paginationToken": token or "",
    }
    return {
        "limit": str(limit),
        "timeJoinedOrder": search.order,
        **{name: text for name, text in texts.items() if text},
    }


def _signed_up(node: Node) -> User:
    inner = node.child("user")
    if inner.has("loginMethods"):
        return user_wire.user(inner)
    return user_wire.user(
        Node({"recipeId": "emailpassword", "user": inner.value}, "", node.where, node.cdi)
    )
