"""What people ask about a pasted token, and about a core."""

import base64
import json

import pytest

from conftest import NOW_MS
from made_tokens import HEADER, ISSUED_S, PAYLOAD, SIGNATURE, base64url, made
from running import Outcome, run
from served import core_in_foreground
from stctl.clock import FrozenClock, SystemClock


def decode(*arguments: str) -> Outcome:
    return run("decode", *arguments, clock=FrozenClock(NOW_MS))


def test_9_a_token_of_5200_bytes() -> None:
    """A browser drops it as a cookie; the heaviest claims are named."""
    claims: dict[str, object] = {"st-perm": {"v": ["p" * 1500]}, "st-role": {"v": ["r" * 900]}}
    claims["profile"] = "x" * 700
    token = made(payload={**claims, "pad": ""})
    token = made(payload={**claims, "pad": "y" * ((5200 - len(token)) * 3 // 4)})
    assert abs(len(token) - 5200) < 8
    told = decode(token).stdout
    assert "of 4,096 bytes" in told
    document = decode(token, "--json").json
    heaviest = json.dumps(document)
    for name in ("st-perm", "st-role", "profile"):
        assert name in heaviest
    assert "browsers" in told.lower() or "browser" in told.lower()
    assert "header" in told


def test_10_times_in_scientific_notation() -> None:
    """The value is read, the writing is named, and nothing crashes."""
    members = json.dumps({**PAYLOAD, "iat": 1_691_623_046}).replace(
        f'"exp": {PAYLOAD["exp"]}', '"exp": 1.691626646E9'
    )
    assert "1.691626646E9" in members
    body = base64.urlsafe_b64encode(members.encode()).decode().rstrip("=")
    outcome = decode(f"{base64url(HEADER)}.{body}.{SIGNATURE}")
    assert outcome.exit_status in {0, 3}
    assert "2023-08-10 00:17:26 UTC" in outcome.stdout
    (told,) = (line for line in outcome.stdout.splitlines() if line.startswith("! float-time"))
    assert "exp: a number with fraction or exponent" in told
    assert "as cores before 6.0.9 did; strict readers refuse it" in told


def test_12_sdk_and_core_without_a_common_version() -> None:
    """Doctor says so, names what would meet, and ends non-zero."""
    with core_in_foreground("--set", "supertokens_min_cdi_version=5.4") as started:
        url = f"http://127.0.0.1:{started.port}"
        clock = FrozenClock(SystemClock().now_ms())
        outcome = run("doctor", "--core", url, "--json", "--sdk", "node@22.0.0", clock=clock)
    assert outcome.exit_status != 0
    found = next(one for one in outcome.json["findings"] if one["id"] == "core.sdks")
    assert found["level"] == "fail"
    assert "5.3" in found["detail"]
    assert "5.4" in f"{found['detail']} {found['hint']}"


@pytest.mark.parametrize("lifetime_s", [3460, 3600])
def test_15_jitter_is_normal(lifetime_s: int) -> None:
    """3,460 s of 3,600 is what the core's jitter makes, and raises nothing."""
    token = made(payload={"exp": ISSUED_S + lifetime_s})
    now = FrozenClock((ISSUED_S + 60) * 1000)
    outcome = run("decode", token, clock=now)
    assert outcome.exit_status == 0
    (lifetime,) = (line for line in outcome.stdout.splitlines() if "  lifetime  " in line)
    assert "default" in lifetime
    assert "! " not in outcome.stdout
    assert "finding" not in outcome.stdout
