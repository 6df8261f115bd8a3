from pathlib import Path

from stctl.checks.finding import CHECKS

GUIDE = Path(__file__).parents[2] / "docs/guide/doctor.md"


def test_every_check_stands_in_the_guide_with_its_title() -> None:
    guide = GUIDE.read_text("utf-8")
    assert [one.id for one in CHECKS if f"| `{one.id}` | {one.title} |" not in guide] == []


def test_names_are_used_once() -> None:
    assert len({one.id for one in CHECKS}) == len(CHECKS)
