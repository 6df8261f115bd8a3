"""Short ways to make users in an embedded core."""

from core_stand import Body, Stand

PASSWORD = "a good password"


def signed_up(stand: Stand, email: str, tenant: str = "") -> str:
    """The id of a new user with a password; `tenant` is a path such as `/t1`."""
    answer = stand.post(f"{tenant}/recipe/signup", {"email": email, "password": PASSWORD})
    user_id: str = answer["user"]["id"]
    stand.clock.wait_ms(1)
    return user_id


def from_provider(stand: Stand, user_id: str, email: str, tenant: str = "") -> Body:
    """The answer to somebody who comes from a provider called google."""
    body = {
        "thirdPartyId": "google",
        "thirdPartyUserId": user_id,
        "email": {"id": email, "isVerified": True},
    }
    answer = stand.post(f"{tenant}/recipe/signinup", body)
    stand.clock.wait_ms(1)
    return answer


def made_primary(stand: Stand, user_id: str) -> Body:
    """The answer to making a login method a primary user."""
    return stand.post("/recipe/accountlinking/user/primary", {"recipeUserId": user_id})


def linked(stand: Stand, user_id: str, primary_user_id: str) -> Body:
    """The answer to linking a login method to a primary user."""
    body = {"recipeUserId": user_id, "primaryUserId": primary_user_id}
    return stand.post("/recipe/accountlinking/user/link", body)


def mapped(stand: Stand, user_id: str, external_id: str, **more: object) -> Body:
    """The answer to giving a user an id from outside."""
    body = {"superTokensUserId": user_id, "externalUserId": external_id, **more}
    return stand.post("/recipe/userid/map", body)
