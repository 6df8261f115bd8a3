"""The reference of what `stctl diagnose` can find."""

from collections.abc import Iterator

from generator.pages import code, page, table
from stctl.traces.diagnose.model import RuleInfo
from stctl.traces.diagnose.rules import RULES
from stctl.traces.diagnose.threads import thread


def findings_page() -> str:
    """Every rule: a table of all, then each in full."""
    infos = [rule.info for rule in RULES]
    return page(
        "Findings",
        "What [`stctl diagnose`](../guide/diagnose.md) can find in a trace. Ids and names never "
        "change their meaning. An error keeps sessions from working, a warning hurts somewhere or "
        "some day, info explains what may surprise.",
        table(
            ("id", "severity", "name", "what it finds"),
            ((_link(info), info.severity.value, code(info.name), info.title) for info in infos),
        ),
        *(part for info in infos for part in _section(info)),
    )


def _link(info: RuleInfo) -> str:
    return f"[{info.id}](#{info.id.lower()})"


def _section(info: RuleInfo) -> Iterator[str]:
    yield f"## {info.id}"
    yield f"{code(info.name)}, {info.severity.value}: {info.title}."
    yield f"**Why.** {info.cause}"
    yield f"**What to do.** {info.fix}"
    yield f"**Example.** {info.example}" if info.example else ""
    others = [one for one in info.references if thread(one) != info.link]
    named = [f"[{one}]({thread(one)})" for one in others]
    yield f"**Read.** {', '.join([f'<{info.link}>', *named])}"
