import typer
from typer.testing import CliRunner

from stctl.cli.options import takes_core, takes_output
from stctl.cli.settings import CoreTarget
from stctl.render.printer import Output, Printer

app = typer.Typer()


@app.command()
@takes_output
@takes_core
def probe(
    ctx: typer.Context, word: str, times: int = 1, *, target: CoreTarget, printer: Printer
) -> None:
    """Show what arrived."""
    del ctx
    print(word * times, target.url, target.tenant_id, printer.output, printer.quiet)  # noqa: T201 - the test reads it


def said(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


def test_a_command_gets_finished_things_in_place_of_options() -> None:
    assert said("a", "--times", "2", "--core", "http://c:1", "--tenant", "t1", "--json", "-q") == (
        "aa http://c:1 t1 json True"
    )


def test_without_options_the_defaults_arrive() -> None:
    assert said("a") == f"a None public {Output.TABLE} False"
