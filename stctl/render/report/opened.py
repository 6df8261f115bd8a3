"""What a request shows when it is opened: why, why not, and both messages as they were sent."""

from collections.abc import Iterator

from stctl.recipe.walk import Reason, Source
from stctl.render.report.elements import Content, Html, el
from stctl.render.report.words import browser_next, duration, verdict
from stctl.render.wording import count_of
from stctl.traces.casefile.step import Message, Step, StepCall


def opened(step: Step, prefix: str) -> Html:
    """The inside of a request's `details`."""
    anchor = f"#{prefix}e{step.index}"
    return el(
        "div",
        el("p", verdict(step), class_="verdict"),
        el(
            "div",
            el("div", *_reasoning(step), class_="why"),
            el("div", *_wire(step), class_="wire"),
            class_="two",
        ),
        el("p", el("a", f"Link to this request: {anchor}", href=anchor), class_="permalink"),
        class_="opened",
    )


def _reasoning(step: Step) -> Iterator[Html]:
    if step.reasons:
        yield el("h4", "What the SDK asked")
        yield el("ol", *map(_reason, step.reasons), class_="asked")
    if step.alternatives:
        yield el("h4", "What remains possible")
        yield el("ul", *_alternatives(step), class_="plain")
    ruled_out = [*_ruled_out(step)]
    if ruled_out:
        yield el("h4", "Why not another error")
        yield el("dl", *ruled_out, class_="ruled")
    if step.next is not None:
        yield el("h4", "What the browser does next")
        yield el("p", f"{browser_next(step)}.")
        yield from _events(step)
    if step.calls:
        yield el("h4", "Calls to the core")
        yield el("ul", *map(_call, step.calls), class_="plain calls")


def _reason(reason: Reason) -> Html:
    inferred = el("span", "inferred", class_="tag") if reason.source is Source.INFERRED else None
    return el("li", el("span", reason.wording), " ", el("b", reason.answer), " ", inferred)


def _alternatives(step: Step) -> Iterator[Html]:
    for other in step.alternatives:
        who = f"{other.error or 'no error'}, {other.handler or 'no handler'}"
        yield el("li", el("b", who), ": ", other.because)


def _ruled_out(step: Step) -> Iterator[Html]:
    open_errors = {other.error for other in step.alternatives}
    for error, because in step.why_not:
        if error not in open_errors:
            yield el("dt", error)
            yield el("dd", because)


def _events(step: Step) -> Iterator[Html]:
    told = step.next
    if told is None:
        return
    if told.detail:
        yield el("p", told.detail)
    if told.events:
        yield el("p", "Events: ", el("code", ", ".join(told.events)))


def _call(call: StepCall) -> Html:
    asked = el("code", f"{call.method} {call.path}")
    if call.status is None:
        became: Content = call.failure or "not recorded"
    else:
        became = f"{call.status} {call.core_status or ''}".strip()
    remarks = [
        None if call.index is None else f"entry #{call.index}",
        call.cdi and f"CDI {call.cdi}",
        "inferred" if call.is_inferred else None,
    ]
    small = ", ".join(filter(None, remarks))
    told = [(name, value) for name, value in call.told if name != "status"]
    return el(
        "li",
        asked,
        " → ",
        el("b", became),
        el("small", f" {small}") if small else None,
        el("dl", *(_pair(name, value) for name, value in told), class_="facts") if told else None,
    )


def _pair(name: str, value: str) -> tuple[Html, Html]:
    return el("dt", name), el("dd", value)


def _wire(step: Step) -> Iterator[Html]:
    yield el("h4", "Request")
    yield _message(f"{step.method} {step.path}", f"to {step.host}", step.request)
    if step.response is None:
        yield el("h4", "Answer")
        yield el("p", "not recorded" if step.is_unseen else step.connection or "none arrived")
        return
    took = f", after {duration(step.duration_ms)}" if step.duration_ms else ""
    yield el("h4", "Answer")
    yield _message(str(step.status), took.removeprefix(", "), step.response)


def _message(first: str, remark: str, message: Message) -> Html:
    headers = [el("div", el("dt", name), el("dd", value)) for name, value in message.headers]
    return el(
        "div",
        el("p", el("b", first), " ", el("small", remark), class_="line"),
        el("dl", *headers, class_="headers") if headers else el("p", "no headers recorded"),
        el("p", f"{count_of(message.cut, 'header')} more") if message.cut else None,
        _body(message),
        class_="message",
    )


def _body(message: Message) -> Content:
    if message.body:
        return el("pre", message.body)
    if message.body_size:
        return el("p", f"body of {count_of(message.body_size, 'byte')}, not shown", class_="dim")
    return None
