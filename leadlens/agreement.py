"""`leadlens agreement`: what sales and marketing agree on, by the policy."""

from typing import Annotated, Literal

import typer

from leadlens.options import HOME, Home


def agreement(
    policy: Annotated[
        str | None,
        typer.Option(
            help="A policy file, or a version of the store. Default: the one in force.", show_default=False
        ),
    ] = None,
    form: Annotated[
        Literal["text", "markdown"], typer.Option("--format", help="For people here, or for a page.")
    ] = "text",
    home: Home = HOME,
) -> None:
    """Print the agreement of marketing and sales, as the policy says it.

    What an MQL and an SQL are, who owns a lead in which stage, where it goes, how soon sales answers and
    tries again, what has to be known, and what sales may answer.

    \b
    Examples:
      leadlens agreement
      leadlens agreement --policy policy.toml --format markdown > agreement.md
    """
    from decisions.agreement import agreement_of, as_markdown, as_text
    from leadlens.policies_here import policy_named
    from leadlens.terminal import say

    found = agreement_of(policy_named(policy, home).policy)
    say((as_text if form == "text" else as_markdown)(found).rstrip("\n"))
