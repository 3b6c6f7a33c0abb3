"""`leadlens keys`: API keys for those who call the service."""

from typing import Annotated

import typer

from features.errors import RefusedError
from leadlens.options import HOME, Home

keys = typer.Typer(no_args_is_help=True, help="Make, list and revoke API keys.")


@keys.command()
def create(
    name: Annotated[str, typer.Argument(help="Who it is for, such as 'crm'.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(
            help="What it may do: score, ingest, read, metrics, admin. Repeat for several. Default: score."
        ),
    ] = None,
    home: Home = HOME,
) -> None:
    """Make a key. It is shown once; only its hash is kept.

    \b
    Examples:
      leadlens keys create crm
      leadlens keys create dashboard --scope read --scope score
    """
    from leadlens.terminal import say
    from serving.run import create_key

    key, text = create_key(home, name, scope or ["score"])
    say(text)
    typer.echo(
        f"Key {key.id} for '{name}' may: {', '.join(sorted(key.scopes))}. It is not shown again.", err=True
    )


@keys.command("list")
def list_keys(home: Home = HOME) -> None:
    """List the keys, without their texts.

    \b
    Example:
      leadlens keys list
    """
    from leadlens.terminal import say
    from serving.run import open_keys

    for key in open_keys(home).all():
        state = "revoked" if key.revoked_at is not None else "valid"
        say(f"{key.id}  {key.name}  {','.join(sorted(key.scopes))}  {state}")


@keys.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="The id that 'list' shows.")], home: Home = HOME
) -> None:
    """Revoke a key at once, and end every session that was opened with it.

    \b
    Example:
      leadlens keys revoke 1f0c2a9e                  # the id that 'leadlens keys list' shows
    """
    from leadlens.terminal import say
    from serving.run import open_keys

    if not open_keys(home).revoke(key_id):
        raise RefusedError(f"No valid key has the id '{key_id}'. See: leadlens keys list")
    say(f"Key {key_id} is revoked.")
