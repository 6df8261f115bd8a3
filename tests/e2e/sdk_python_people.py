"""Asks a core about users through the official Python SDK: python sdk_python_people.py CORE_URL.

It prints what the SDK understood, as JSON. The app in the address must exist and be empty.
"""

import asyncio
import json
import sys

from supertokens_python import InputAppInfo, SupertokensConfig, init
from supertokens_python.asyncio import (
    create_user_id_mapping,
    delete_user,
    get_user,
    get_user_count,
    get_users_oldest_first,
    list_users_by_account_info,
)
from supertokens_python.recipe import (
    emailpassword,
    multitenancy,
    passwordless,
    session,
    thirdparty,
    usermetadata,
    userroles,
)
from supertokens_python.recipe.accountlinking.asyncio import create_primary_user, link_accounts
from supertokens_python.recipe.emailpassword.asyncio import sign_in, sign_up
from supertokens_python.recipe.multitenancy.asyncio import (
    associate_user_to_tenant,
    create_or_update_tenant,
    list_all_tenants,
)
from supertokens_python.recipe.passwordless import ContactEmailOrPhoneConfig
from supertokens_python.recipe.passwordless.asyncio import consume_code, create_code
from supertokens_python.recipe.session.asyncio import (
    create_new_session_without_request_response,
    get_all_session_handles_for_user,
)
from supertokens_python.recipe.thirdparty.asyncio import manually_create_or_update_user
from supertokens_python.recipe.usermetadata.asyncio import update_user_metadata
from supertokens_python.recipe.userroles.asyncio import (
    add_role_to_user,
    create_new_role_or_add_permissions,
)
from supertokens_python.types import RecipeUserId
from supertokens_python.types.base import AccountInfoInput

PASSWORD = "a good password 1"
Facts = dict[str, object]


def prepare(core_url: str) -> None:
    """Set the SDK up for the core."""
    contact = ContactEmailOrPhoneConfig()
    init(
        app_info=InputAppInfo(
            app_name="people",
            api_domain="http://127.0.0.1:8000",
            website_domain="http://127.0.0.1:3000",
        ),
        supertokens_config=SupertokensConfig(connection_uri=core_url),
        framework="fastapi",
        mode="asgi",
        recipe_list=[
            session.init(),
            emailpassword.init(),
            thirdparty.init(),
            passwordless.init(contact_config=contact, flow_type="USER_INPUT_CODE"),
            userroles.init(),
            usermetadata.init(),
            multitenancy.init(),
        ],
    )


async def logins() -> Facts:
    """Make a user of each kind, link two of them and give one another id."""
    made = await sign_up("public", "ann@example.com", PASSWORD)
    whole = made.user.id
    wrong = await sign_in("public", "ann@example.com", "wrong")
    third = await manually_create_or_update_user("public", "google", "77", "b@b.c", True)
    code = await create_code("public", phone_number="+491234567")
    phoned = await consume_code(
        "public",
        code.pre_auth_session_id,
        user_input_code=code.user_input_code,
        device_id=code.device_id,
    )
    await create_user_id_mapping(phoned.user.id, "ext")
    await create_primary_user(made.recipe_user_id)
    linked = await link_accounts(third.recipe_user_id, whole)
    by_email = await list_users_by_account_info("public", AccountInfoInput(email="b@b.c"))
    listed = await get_users_oldest_first("public", limit=10)
    started = await create_new_session_without_request_response("public", third.recipe_user_id)
    return {
        "wrong password": type(wrong).__name__,
        "linked methods": sorted(method.recipe_id for method in linked.user.login_methods),
        "found by the linked address": [user.id for user in by_email] == [whole],
        "listed": [user.id == whole or user.id for user in listed.users],
        "phones": phoned.user.phone_numbers,
        "count": await get_user_count(),
        "session is the primary user's": started.get_user_id() == whole,
        **await belongings(whole, started.get_access_token_payload()),
    }


async def belongings(user_id: str, payload: dict[str, int]) -> Facts:
    """Give a user roles, metadata and a tenant, and remove it."""
    await create_new_role_or_add_permissions("admin", ["write"])
    given = await add_role_to_user("public", user_id, "admin")
    metadata = await update_user_metadata(user_id, {"plan": "pro", "gone": None})
    await create_or_update_tenant("t1", None)
    placed = await associate_user_to_tenant("t1", RecipeUserId(user_id))
    handles = await get_all_session_handles_for_user(user_id)
    await delete_user(user_id)
    return {
        "had the role": given.did_user_already_have_role,
        "metadata": metadata.metadata,
        "tenants": [tenant.tenant_id for tenant in (await list_all_tenants()).tenants],
        "placed": type(placed).__name__,
        "sessions": len(handles),
        "lives": payload["exp"] - payload["iat"],
        "after removal": await get_user(user_id),
        "sessions after removal": await get_all_session_handles_for_user(user_id),
    }


if __name__ == "__main__":
    prepare(sys.argv[1])
    sys.stdout.write(json.dumps(asyncio.run(logins())))
