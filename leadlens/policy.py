"""`leadlens policy`: the policy in force, checked, put in force, and its versions."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadlens.options import HOME, Home

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from serving.policies.versions import PolicyVersion

File = Annotated[Path, typer.Argument(help="The policy file.")]

policy = typer.Typer(no_args_is_help=True, help="Show, check, publish, list and propose policies.")


@policy.command()
def show(
    named: Annotated[
        str | None,
        typer.Argument(
            help="A policy file, or a version of the store. Default: the one in force.", show_default=False
        ),
    ] = None,
    own: Annotated[bool, typer.Option("--own", help="Only what it says beside the default policy.")] = False,
    home: Home = HOME,
) -> None:
    """Print a policy as a complete file, in TOML.

    \b
    Examples:
      leadlens policy show > policy.toml             # a beginning
      leadlens policy show 3 --own                   # as version 3 was written
    """
    from decisions.policy.complete import complete_text
    from leadlens.policies_here import policy_named
    from leadlens.terminal import say

    found = policy_named(named, home)
    say((found.text if own else complete_text(found.text, found.said_of)).rstrip("\n"))


@policy.command()
def check(file: File) -> None:
    """Say what is wrong with a policy file, each with its line; nothing is changed.

    The exit code is 1 where something is wrong.

    \b
    Examples:
      leadlens policy check policy.toml
    """
    from leadlens.policies_here import policy_file
    from leadlens.terminal import say

    read = policy_file(file).policy
    say(f"{file}: the policy '{read.name}' is right. Its digest is {read.sha256[:12]}.")
    say(f"What it would have done: leadlens simulate --policy {file}")


@policy.command()
def publish(
    file: File,
    note: Annotated[str | None, typer.Option(help="Why, for the record.", show_default=False)] = None,
    home: Home = HOME,
) -> None:
    """Put a policy file in force, as a new version in the store. Running servers follow within seconds.

    \b
    Examples:
      leadlens policy publish policy.toml --note "the team has two more reps"
    """
    from leadlens.policies_here import policy_file
    from leadlens.stored import open_home
    from leadlens.terminal import say
    from serving.clock import utc_now

    found = policy_file(file)
    digest = found.policy.sha256  # read first: a file with faults makes no store
    with open_home(home, may_be_new=True) as store:
        made = store.write(partial(_published, text=found.text, note=note, now=utc_now()))
    say(f"Version {made.version} of the policy is in force ({digest[:12]}).")


def _published(connection: Connection, text: str, note: str | None, now: int) -> PolicyVersion:
    """Put a policy in force and note the act, both or neither."""
    from serving.access.audit_log import COMMAND_LINE, note_act
    from serving.policies.versions import draft_policy, publish_policy

    draft = draft_policy(connection, text, COMMAND_LINE, note, now)
    made = publish_policy(connection, draft.version, now)
    note_act(connection, now, COMMAND_LINE, "policy published", version=made.version, sha256=made.sha256)
    return made


@policy.command()
def propose(
    wanted: Annotated[
        float, typer.Option(help="Which share of the leads sales is to accept, 0 to 1.", min=0.01, max=0.99)
    ] = 0.7,
    home: Home = HOME,
) -> None:
    """Say which score threshold the answers of sales propose. It is never applied by itself.

    From that score on sales accepts at least the wanted share of the leads.

    \b
    Examples:
      leadlens policy propose
      leadlens policy propose --wanted 0.8
    """
    from decisions.simulation.proposal import proposed_threshold
    from leadlens.stored import open_home
    from leadlens.terminal import say
    from serving.selling.said.sales_answers import answers_of_sales

    with open_home(home) as store, store.reading() as connection:
        answers = answers_of_sales(connection)
    found = proposed_threshold(answers, wanted)
    say(found.why)
    if found.threshold is not None:
        low, high = found.threshold.low, found.threshold.high
        said = f"{found.threshold.value:.0f}  (95 % interval {low:.0f} to {high:.0f})"
        say(f"Proposed: score_threshold = {said}")
    if found.rate is not None:
        counted = found.accepted + found.returned
        say(f"Of {counted:,} answers that tell of the score {found.rate:.1%} accepted the lead.")
    for reason, count in found.reasons.items():
        say(f"  returned: {reason.replace('_', ' ')}, {count:,}")


@policy.command("list")
def show_all(home: Home = HOME) -> None:
    """List the versions of the policy in the store, the newest first.

    \b
    Examples:
      leadlens policy list
    """
    from features.told_times import moment_of
    from leadlens.policies_here import has_store
    from leadlens.stored import open_home
    from leadlens.terminal import say
    from serving.policies.versions import in_force, policy_versions

    if not has_store(home):
        say("There is no store yet, and so no version: the file policy.toml or the default is in force.")
        return
    with open_home(home) as store, store.reading() as connection:
        now = in_force(connection)
        found = policy_versions(connection, None, 1_000)
    for one in found:
        state = "in force" if now is not None and one.version == now.version else one.state
        since = moment_of(one.published_at or one.made_at)[:19]
        note = f"  {one.note}" if one.note else ""
        say(f"{one.version:>5}  {state:9}  {since}  {one.sha256[:12]}  {one.source:4}  {one.author}{note}")
    if not found:
        say("No policy was published: the file policy.toml or the default is in force.")
