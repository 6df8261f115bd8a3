"""Calls about roles. A role is the app's; who has it is noted for each tenant."""

from collections.abc import Sequence

from stctl.cdi import wire
from stctl.cdi.channel import Channel
from stctl.cdi.wire import Node
from stctl.jsontypes import JsonObject
from stctl.sessions.people import UnknownRole


class RoleCalls(Channel):
    """Roles and who has them. Source: core, behaviour notes 7.5."""

    def roles(self) -> list[str]:
        """Return the roles of the app."""
        node = self._ask("GET", "/recipe/roles")
        wire.expect_ok(node)
        return node.texts("roles")

    def permissions_of_role(self, role: str) -> list[str] | UnknownRole:
        """Return what a role permits."""
        node = self._ask("GET", "/recipe/role/permissions", query={"role": role})
        return _unknown(node, role) or node.texts("permissions")

    def users_of_role(self, role: str) -> list[str] | UnknownRole:
        """Return the ids of the users that have a role in this client's tenant."""
        node = self._ask("GET", "/recipe/role/users", query={"role": role}, in_tenant=True)
        return _unknown(node, role) or node.texts("users")

    def create_role(self, role: str, permissions: Sequence[str] = ()) -> bool:
        """Make a role or add permissions to it; tell whether it is new."""
        body: JsonObject = {
            "role": role,
            **({"permissions": [*permissions]} if permissions else {}),
        }
        node = self._ask("PUT", "/recipe/role", body=body)
        wire.expect_ok(node)
        return node.truth("createdNewRole")

    def delete_role(self, role: str) -> bool:
        """Remove a role, from all its users too; tell whether there was one."""
        node = self._ask("POST", "/recipe/role/remove", body={"role": role})
        wire.expect_ok(node)
        return node.truth("didRoleExist")

    def roles_of_user(self, user_id: str) -> list[str]:
        """Return the roles of a user in this client's tenant; empty for an unknown user."""
        node = self._ask("GET", "/recipe/user/roles", query={"userId": user_id}, in_tenant=True)
        wire.expect_ok(node)
        return node.texts("roles")

    def add_role(self, user_id: str, role: str) -> bool | UnknownRole:
        """Give a user a role in this client's tenant; True where it is new to the user."""
        body: JsonObject = {"userId": user_id, "role": role}
        node = self._ask("PUT", "/recipe/user/role", body=body, in_tenant=True)
        unknown = _unknown(node, role)
        return not node.truth("didUserAlreadyHaveRole") if unknown is None else unknown

    def remove_role(self, user_id: str, role: str) -> bool | UnknownRole:
        """Take a role from a user in this client's tenant; tell whether the user had it."""
        body: JsonObject = {"userId": user_id, "role": role}
        node = self._ask("POST", "/recipe/user/role/remove", body=body, in_tenant=True)
        unknown = _unknown(node, role)
        return node.truth("didUserHaveRole") if unknown is None else unknown


def _unknown(node: Node, role: str) -> UnknownRole | None:
    if node.text("status") == "UNKNOWN_ROLE_ERROR":
        return UnknownRole(role=role)
    wire.expect_ok(node)
    return None
