"""`stctl simulate explore`."""

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stctl.cli.context import Context
from stctl.cli.options import takes_output
from stctl.errors import ErrorKind, StctlError
from stctl.render.printer import Printer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stctl.render.simulate.exploring import Exploration
    from stctl.scenarios.explore.model import Bounds, Rules

_USUAL_GRACE_S = (0, 30)
_BEYOND = 4
"""How many times longer than the bound the walks of chance are."""


@takes_output
def explore(
    ctx: typer.Context,
    *,
    tabs: Annotated[
        int, typer.Option("--tabs", min=1, max=5, help="Tabs, which share their cookies.")
    ] = 2,
    losses: Annotated[
        int,
        typer.Option(
            "--losses",
            min=0,
            max=9,
            help="Answers that may get lost. A restart of the browser, which loses all that are on "
            "their way, counts as one.",
        ),
    ] = 1,
    depth: Annotated[
        int, typer.Option("--depth", min=1, max=30, help="Events of a schedule at most.")
    ] = 8,
    grace: Annotated[
        list[int] | None,
        typer.Option(
            "--grace",
            metavar="SECONDS",
            min=0,
            max=86_400,
            help="Grace seconds of CDI 5.6; may be given several times.",
            show_default="0 and 30",
        ),
    ] = None,
    delay: Annotated[
        int | None,
        typer.Option(
            "--delay",
            metavar="SECONDS",
            min=1,
            max=86_400,
            help="How long a pause is.",
            show_default="a second more than the longest grace",
        ),
    ] = None,
    walks: Annotated[
        int,
        typer.Option(
            "--walks",
            min=0,
            max=1_000_000,
            help="Walks by chance, four times as long as the bound.",
        ),
    ] = 0,
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed",
            metavar="NUMBER",
            help="Of the walks; the same one leads the same ways.",
            show_default="any, which is told",
        ),
    ] = None,
    keep: Annotated[
        Path | None,
        typer.Option(
            "--keep",
            metavar="FILE.toml",
            help="Write the shortest schedules to a scenario, for `simulate run`.",
            show_default=False,
        ),
    ] = None,
    printer: Printer,
) -> None:
    """Try every order in which tabs, answers, losses, pauses and restarts can follow one another.

    Nobody steals anything here, so every TOKEN_THEFT_DETECTED is a false alarm. Each order is
    played on the embedded core, under the rules of CDI 5.5 and of CDI 5.6 with each of the grace
    seconds; the shortest that ends in an alarm is shown for each kind, with what it comes to under
    the other rules. Ends with 0, whatever is found.
    """
    from stctl.render.simulate.exploring import presentation
    from stctl.scenarios.explore.model import Bounds

    context = Context.of(ctx)
    graces = sorted(set(grace or _USUAL_GRACE_S))
    bounds = Bounds(tabs=tabs, losses=losses, depth=depth, delay_s=delay or graces[-1] + 1)
    result = _explored(context, _rules(graces), bounds, walks, seed)
    printer.show(presentation(result))
    if keep is not None:
        _keep(result, keep, printer)


def _rules(graces: "Sequence[int]") -> "Sequence[Rules]":
    from stctl.scenarios.explore.model import Rules

    rotating = [Rules(cdi="5.6", is_rotation=True, grace_s=grace_s) for grace_s in graces]
    return [Rules(cdi="5.5", is_rotation=False, grace_s=graces[-1]), *rotating]


def _explored(
    context: Context, rules: "Sequence[Rules]", bounds: "Bounds", walks: int, seed: int | None
) -> "Exploration":
    from stctl.clock import SeededEntropy
    from stctl.render.simulate.exploring import Exploration
    from stctl.scenarios.explore.search import Explorer, explore, fate, sample
    from stctl.scenarios.explore.world import World

    number = int.from_bytes(context.entropy.token_bytes(4)) if seed is None else seed
    with ExitStack() as closing:
        explorers = []
        for one in rules:
            world = World.opened(one, context.clock.now_ms(), context.entropy)
            explorers.append(Explorer(closing.enter_context(world), bounds))
        explored = [
            explore(explorer, context.clock, context.printer.remark) for explorer in explorers
        ]
        fates = [
            (one, found, [fate(other, found.schedule) for other in explorers if other is not own])
            for one, own in zip(explored, explorers, strict=True)
            for found in one.found
        ]
        if not walks:
            return Exploration(explored=explored, fates=fates, seed=None)
        long = bounds.depth * _BEYOND
        sampled = {
            id(one): replace(one, sampled=sample(own, walks, long, SeededEntropy(number)))
            for one, own in zip(explored, explorers, strict=True)
        }
    return Exploration(
        explored=[sampled[id(one)] for one in explored],
        fates=[(sampled[id(one)], found, others) for one, found, others in fates],
        seed=number,
    )


def _keep(result: "Exploration", file: Path, printer: Printer) -> None:
    from stctl.cli.files import write_private_file
    from stctl.scenarios.explore.keep import scenario_text

    text = scenario_text(result.explored)
    if text is None:
        raise StctlError(
            ErrorKind.ANSWER_IS_NO, f"There is no false alarm to keep in {file}: none was found."
        )
    write_private_file(file, text, "the scenario")
    printer.remark(f"Kept in {file}: stctl simulate run {file}")
