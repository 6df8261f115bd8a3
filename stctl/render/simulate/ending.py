"""How a case ended: the promised step in full, why not another error, and the family tree."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from stctl.recipe.failures import ErrorName
from stctl.redact import mask_text
from stctl.render.simulate.words import marks_in_words
from stctl.render.view import (
    Block,
    Facts,
    Gap,
    Line,
    Lines,
    Note,
    bad,
    dim,
    good,
    line,
    name,
    strong,
    warn,
)
from stctl.scenarios.generations import Generation, Use
from stctl.scenarios.results import Asked, CaseResult, Standing, StepResult, must_be_gone

_LONGEST_BODY: Final = 200
_STEP_NAMES: Final = {
    "verify": "the check of the access token",
    "refresh": "the refresh API",
    "signout": "the sign-out API",
    "create": "the making of the session",
    "none": "the route",
}
_NEAREST: Final = ("UNAUTHORISED", "TRY_REFRESH_TOKEN", "TOKEN_THEFT_DETECTED", "GENERAL_ERROR")


def ending(result: CaseResult) -> Iterator[Block]:
    """The blocks that close a case."""
    promised = result.promised
    if result.outcome == "otherwise":
        yield Note("bad", line(strong("not as promised: "), mask_text(result.reason or "")))
    elif result.outcome == "skipped":
        yield Note("warn", line(strong("not played on: "), mask_text(result.reason or "")))
    if promised is None or promised.asked is None:
        return
    if result.outcome == "as_promised":
        yield Note("good", line(strong("as promised: "), *_headline(promised, promised.asked)))
    yield Facts([*_facts(promised.asked), *_why_not(promised.asked)], indent=2)
    yield from _remarks(result.steps)
    if len(result.generations) > 1:
        yield Gap()
        yield Lines([line("The refresh tokens, by hash")], indent=2)
        yield Lines(_tree(result.generations), indent=4)


def _headline(promised: StepResult, asked: Asked) -> Line:
    error = asked.error
    if error is None:
        return line(f"step {promised.number} raised no error")
    by = _STEP_NAMES[asked.answered.step]
    return line(bad(str(error)), f" raised by {by} in step {promised.number}")


def _facts(asked: Asked) -> Iterator[tuple[str, Line]]:
    firing = asked.answered.firing
    if firing.handler is not None:
        yield "handler", line(strong(str(firing.handler)), f" ({firing.kind}){_effect(asked)}")
    if firing.failed is not None:
        yield "failed", line(bad(mask_text(firing.failed.message)), f" → {firing.final_handler}")
    yield from _session(asked)
    yield "answer", line(_answer(asked))
    cleared = marks_in_words(asked.marks.cleared)
    yield "cleared", line(cleared or dim("nothing"))
    for other in asked.alternatives:
        yield "less likely", line(str(other.error or "no error"), dim(f": {other.because}"))
    if asked.reuse is not None:
        yield "reuse", line(asked.reuse, dim("  as the core calls it; it has ended the session"))


def _session(asked: Asked) -> Iterator[tuple[str, Line]]:
    """What became of the session: as the core says, of an app; else as the handler left it.

    Up to CDI 5.5 the core itself ends nothing.
    """
    is_theft = asked.error is ErrorName.TOKEN_THEFT_DETECTED
    if asked.is_app and asked.in_core is None:
        if is_theft:
            yield "session", line(dim("not asked whether it is gone: --core names the app's core"))
    elif asked.in_core is not None:
        yield "session", _standing(asked.in_core, is_bad=must_be_gone(asked))
    elif is_theft and asked.reuse is None and asked.answered.firing.side_effect is None:
        yield "session", line(bad("lives on"), ": the handler did not revoke it")


def _standing(standing: Standing, *, is_bad: bool) -> Line:
    if standing == "gone":
        return line(good("gone"), " from the core, which was asked")
    return line((bad if is_bad else warn)("still alive"), " in the core, which was asked")


def _effect(asked: Asked) -> str:
    if asked.is_app or asked.answered.firing.side_effect is None:
        return ""
    handle = getattr(asked.answered.failure, "session_handle", None)
    return f" revoked the session {handle}" if handle else " revoked the session"


def _answer(asked: Asked) -> str:
    response = asked.response
    if response is None:
        return "none: the connection broke"
    text = response.body.decode("utf-8", "replace").strip()
    shown = "a web page" if text.startswith("<") else mask_text(text)[:_LONGEST_BODY]
    return f"{response.status} {shown}".rstrip()


def _why_not(asked: Asked) -> Iterator[tuple[str, Line]]:
    for error in _NEAREST:
        because = next((text for known, text in asked.why_not.items() if known == error), None)
        if because is not None:
            yield f"why not {error}", line(dim(because))


def _remarks(steps: Sequence[StepResult]) -> Iterator[Block]:
    """What went otherwise after a person's own handler had fired: told, not held against it."""
    for step in steps:
        if not step.counts and step.deviations:
            text = f"step {step.number} ({step.step.name}) went otherwise than after the default "
            text += f"handlers: {', and '.join(step.deviations)}"
            yield Note("warn", line(mask_text(text)))


def _tree(generations: Sequence[Generation]) -> list[Line]:
    children: Mapping[str | None, list[Generation]] = {}
    known = {generation.name for generation in generations}
    grouped: dict[str | None, list[Generation]] = {}
    for generation in generations:
        parent = generation.parent if generation.parent in known else None
        grouped.setdefault(parent, []).append(generation)
    children = grouped
    return [row for root in children.get(None, []) for row in _branch(root, children, "", "")]


def _branch(
    generation: Generation,
    children: Mapping[str | None, list[Generation]],
    first: str,
    rest: str,
) -> Iterator[Line]:
    yield line(
        dim(first),
        name(generation.name),
        dim(f" {generation.short_hash}"),
        f"  {_birth(generation)}{_uses(generation.uses)}",
    )
    own = children.get(generation.name, [])
    for number, child in enumerate(own, start=1):
        last = number == len(own)
        yield from _branch(
            child, children, rest + ("└─ " if last else "├─ "), rest + ("   " if last else "│  ")
        )


def _birth(generation: Generation) -> str:
    if generation.parent is None:
        return f"made in step {generation.made_in}"
    return f"child of {generation.parent} ({generation.proof}), made in step {generation.made_in}"


def _uses(uses: Sequence[Use]) -> str:
    if not uses:
        return "; never refreshed"
    told = ", ".join(
        f"{use.who} in step {use.step}" + ("" if use.outcome == "OK" else f" ({use.outcome})")
        for use in uses
    )
    return f"; refreshed by {told}"
