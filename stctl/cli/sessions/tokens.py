"""`stctl sessions create` and `refresh`: the two commands that get tokens."""

import typer

from stctl.cli.asking import conversation, end_with
from stctl.cli.context import Context
from stctl.cli.options import RevealOption, takes_core, takes_output
from stctl.cli.sessions import choices, values
from stctl.cli.settings import CoreTarget
from stctl.render.printer import Printer


@takes_output
@takes_core
def create(
    ctx: typer.Context,
    *,
    user: choices.UserId,
    payload: choices.Payload = "{}",
    data: choices.Data = "{}",
    anti_csrf: choices.WithAntiCsrf = False,
    static_key: choices.StaticKey = False,
    validity: choices.Validity = None,
    reveal: RevealOption = False,
    target: CoreTarget,
    printer: Printer,
) -> None:
    """Create a session and print its tokens.

    Tokens are masked on the screen and whole in `--json`.
    """
    from stctl.render.sessions.tokens import created

    context = Context.of(ctx)
    claims = values.json_object(context, payload, "payload")
    kept = values.json_object(context, data, "data")
    lifetime_ms = None if validity is None else values.duration_ms(validity)
    with conversation(ctx, target, printer) as core:
        asked = core.announce("Creating a session")
        tokens = core.client.create_session(
            user,
            user_data_in_jwt=claims,
            user_data_in_database=kept,
            enable_anti_csrf=anti_csrf,
            use_dynamic_signing_key=False if static_key else None,
            access_token_validity_ms=lifetime_ms,
        )
        printer.show(created(tokens, asked, reveal=reveal))


@takes_output
@takes_core
def refresh(
    ctx: typer.Context,
    *,
    token: choices.RefreshTokenText,
    anti_csrf_token: choices.AntiCsrfToken = None,
    anti_csrf: choices.CheckAntiCsrf = False,
    static_key: choices.KindOfKey = None,
    validity: choices.Validity = None,
    reveal: RevealOption = False,
    target: CoreTarget,
    printer: Printer,
) -> None:
    """Trade a refresh token for new tokens, as a backend SDK does.

    It is never sent again once the core may have carried it out. UNAUTHORISED and
    TOKEN_THEFT_DETECTED are answers: they are printed, and the exit status is 3.
    """
    from stctl.render.sessions.tokens import refreshed

    refresh_token = values.token_text(Context.of(ctx), token, "refresh token")
    lifetime_ms = None if validity is None else values.duration_ms(validity)
    _remark_on_form(printer, refresh_token)
    with conversation(ctx, target, printer) as core:
        asked = core.announce("Refreshing")
        answer = core.client.refresh_session(
            refresh_token,
            anti_csrf_token=anti_csrf_token,
            enable_anti_csrf=anti_csrf or anti_csrf_token is not None,
            use_dynamic_signing_key=None if static_key is None else not static_key,
            access_token_validity_ms=lifetime_ms,
        )
        printer.show(refreshed(answer, asked, reveal=reveal))
    end_with(answer)


def _remark_on_form(printer: Printer, token: str) -> None:
    """Say so when what was given cannot be a refresh token; the core is asked all the same."""
    from stctl.tokens.problem import TokenProblem
    from stctl.tokens.refresh import read_refresh_token

    try:
        read_refresh_token(token)
    except TokenProblem as problem:
        printer.remark(f"This does not look like a refresh token: {problem}")
