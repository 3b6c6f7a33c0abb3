"""`leadlens simulate`: what another policy would have done."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from features.errors import Fault, InputError, RefusedError
from leadlens.options import HOME, Config, Data, Home

if TYPE_CHECKING:
    from decisions.policy import Policy
    from decisions.simulation import Simulation
    from leadlens.pasts import Pasts
    from serving.selling.standing.recorded_pasts import Recorded

MOST_MOMENTS = 100_000
MAPPING = Path("leadlens.toml")


def simulate(  # the options of a command
    policy: Annotated[
        str, typer.Option(help="The other policy: a file, or a version of the store.", show_default=False)
    ],
    against: Annotated[
        str | None,
        typer.Option(
            help="The policy beside it: a file or a version. Default: the one in force.", show_default=False
        ),
    ] = None,
    config: Config = None,
    data: Data = None,
    capacity: Annotated[
        float | None,
        typer.Option(
            help="How many leads a day sales has room for, where the policy does not say.",
            min=0.01,
            show_default=False,
        ),
    ] = None,
    most: Annotated[
        int,
        typer.Option(
            help="At most so many decisions under each policy; of more, leads are taken at random.", min=100
        ),
    ] = MOST_MOMENTS,
    out: Annotated[
        Path | None,
        typer.Option(help="Also write all of it into a file: .json or .md.", show_default=False),
    ] = None,
    home: Home = HOME,
) -> None:
    """Show what another policy would have done.

    History is decided again, week by week, under the other policy and the present one: leads a day to sales,
    conversions caught, value, load, and who would change sides, with 95 % intervals. The leads are those that
    the mapping names; without a mapping, what the store has recorded in the last 90 days. Nothing is changed.

    \b
    Examples:
      leadlens simulate --policy policy.toml             # beside the one in force, on leadlens.toml's leads
      leadlens simulate --policy new.toml --against 3 --capacity 12 --out report.md
      leadlens simulate --policy 4 --home /srv/leadlens  # where no leadlens.toml is: what was recorded there
    """
    from leadlens.policies_here import policy_named
    from leadlens.terminal import say

    if out is not None and out.suffix.lower() not in {".json", ".md"}:
        raise InputError(Fault("--out", "a file that ends in .json or .md", str(out)))
    other, present = policy_named(policy, home).policy, policy_named(against, home).policy
    found = _simulated(present, other, capacity, most, config=config, data=data, home=home)
    from leadlens.simulate_report import print_simulation

    print_simulation(found)
    if out is not None:
        out.write_text(_written(found, out), encoding="utf-8", newline="\n")
        say(f"{out}: all of it")


def _written(found: Simulation, out: Path) -> str:
    from decisions.simulation.report import report_of

    if out.suffix.lower() == ".json":
        return json.dumps(found.to_dict(), indent=1, ensure_ascii=False) + "\n"
    return report_of(found)


def _simulated(
    present: Policy,
    other: Policy,
    capacity: float | None,
    most: int,
    *,
    config: Path | None,
    data: Path | None,
    home: Path,
) -> Simulation:
    from decisions.simulation import simulate as simulated
    from leadlens.pasts import read_pasts, recorded_here
    from leadlens.policies_here import has_store
    from leadlens.team import team_of
    from leadlens.terminal import counting, working

    with working() as report:
        pasts: Pasts | Recorded
        if config is None and data is None and not MAPPING.exists() and has_store(home):
            report("reading what the store has recorded")
            pasts = recorded_here(home, most)
        else:
            pasts = read_pasts(most, report, config=config, data=data, home=home, environment=os.environ)
        report("what each policy asks for")
        before, after = pasts.under(present), pasts.under(other)
    if not after.leads:
        raise RefusedError(
            "There is no lead to decide about: none was open on a Monday so long ago that its horizon has "
            "passed, or the store has recorded nothing yet."
        )
    with counting("decisions made") as told:
        return simulated((before, present), (after, other), team_of(home, capacity), report=told)
