"""Recipes of the official Python SDK, unchanged, on an app of the embedded core."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest

from generator.completions import installed_stctl
from programs import serving

PROGRAM = Path(__file__).with_name("sdk_python_people.py")
MISSING = [name for name in ("supertokens_python", "fastapi") if find_spec(name) is None]
pytestmark = pytest.mark.skipif(
    bool(MISSING), reason=f"not installed: {', '.join(MISSING)} (pip install -e '.[e2e]')"
)
CORE = ("core", "start", "--foreground", "--host", "127.0.0.1", "--port", "0", "--db", ":memory:")


def test_users_roles_tenants_and_linked_sessions_work_in_an_app_of_the_test_s_own() -> None:
    with serving([installed_stctl(), *CORE]) as core:
        body = {
            "appId": "of-a-test",
            "coreConfig": {"access_token_validity": 77, "access_token_validity_jitter": 0},
        }
        made = httpx.put(f"{core}/recipe/multitenancy/app/v2", json=body)
        assert made.json() == {"status": "OK", "createdNew": True}
        found = subprocess.run(  # noqa: S603 - a program of this folder
            [sys.executable, str(PROGRAM), f"{core}/appid-of-a-test"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        count = httpx.get(f"{core}/users/count").json()["count"]
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout) == {
        "wrong password": "WrongCredentialsError",
        "linked methods": ["emailpassword", "thirdparty"],
        "found by the linked address": True,
        "listed": [True, "ext"],
        "phones": ["+491234567"],
        "count": 2,
        "session is the primary user's": True,
        "had the role": False,
        "metadata": {"plan": "pro"},
        "tenants": ["public", "t1"],
        "placed": "AssociateUserToTenantOkResult",
        "sessions": 1,
        "lives": 77,
        "after removal": None,
        "sessions after removal": [],
    }
    assert count == 0
