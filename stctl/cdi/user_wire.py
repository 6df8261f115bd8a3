"""Strict readers for users. Source: core, behaviour notes 7.1."""

from stctl.cdi.wire import Node, optional_text
from stctl.sessions.handle import PUBLIC_TENANT
from stctl.sessions.people import LoginMethod, ThirdParty, User


def user(node: Node) -> User:
    """Read a user of a list, in the form of any version."""
    return _old_user(node) if node.has("recipeId") and node.has("user") else _user(node)


def _user(node: Node) -> User:
    return User(
        user_id=node.text("id"),
        is_primary=node.truth("isPrimaryUser"),
        tenant_ids=tuple(node.texts("tenantIds")),
        emails=tuple(node.texts("emails")),
        phone_numbers=tuple(node.texts("phoneNumbers")),
        third_parties=tuple(_third_party(item) for item in node.items("thirdParty")),
        joined_at_ms=node.whole("timeJoined"),
        login_methods=tuple(_login_method(item) for item in node.items("loginMethods")),
    )


def _login_method(node: Node) -> LoginMethod:
    return LoginMethod(
        recipe_id=node.text("recipeId"),
        recipe_user_id=node.text("recipeUserId"),
        tenant_ids=tuple(node.texts("tenantIds")),
        joined_at_ms=node.whole("timeJoined"),
        is_verified=node.truth("verified"),
        email=optional_text(node, "email"),
        phone_number=optional_text(node, "phoneNumber"),
        third_party=_third_party(node.child("thirdParty")) if node.has("thirdParty") else None,
    )


def _third_party(node: Node) -> ThirdParty:
    return ThirdParty(provider=node.text("id"), user_id=node.text("userId"))


def _old_user(node: Node) -> User:
    """Read a user of CDI below 4.0: one login method, whose id is the user's."""
    inner = node.child("user")
    tenants = tuple(inner.texts("tenantIds")) if inner.has("tenantIds") else (PUBLIC_TENANT,)
    method = LoginMethod(
        recipe_id=node.text("recipeId"),
        recipe_user_id=inner.text("id"),
        tenant_ids=tenants,
        joined_at_ms=inner.whole("timeJoined"),
        email=optional_text(inner, "email"),
        phone_number=optional_text(inner, "phoneNumber"),
        third_party=_third_party(inner.child("thirdParty")) if inner.has("thirdParty") else None,
    )
    return User(
        user_id=method.recipe_user_id,
        is_primary=False,
        tenant_ids=tenants,
        emails=() if method.email is None else (method.email,),
        phone_numbers=() if method.phone_number is None else (method.phone_number,),
        third_parties=() if method.third_party is None else (method.third_party,),
        joined_at_ms=method.joined_at_ms,
        login_methods=(method,),
    )
