"""`leadlens promote`: make a version the champion, the one that serves, if the gates let it through."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from features.errors import RefusedError
from leadlens.options import HOME, Data, Home

if TYPE_CHECKING:
    from models.registry import Registered, Registry
    from training.promotion.gates import Gate

LONGEST_WHY = 300


def promote(
    version: Annotated[
        int | None, typer.Argument(help="The version. Default: the challenger.", show_default=False)
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(help="Compare with the champion on the leads of this mapping.", show_default=False),
    ] = None,
    data: Data = None,
    force: Annotated[bool, typer.Option("--force", help="Promote it whatever the gates say.")] = False,
    why: Annotated[
        str | None, typer.Option(help="With --force: why, for the record.", show_default=False)
    ] = None,
    home: Home = HOME,
) -> None:
    """Make a version the champion, if the gates let it through.

    Each gate is said with its figure. Running servers follow within a second.

    \b
    Examples:
      leadlens promote                                # the newest version
      leadlens promote 3 --config leadlens.toml       # beside the champion, on these data
      leadlens promote 3 --force --why "the form changed, the champion scores nobody"
    """
    from leadlens.champion_change import copy_again, crown
    from leadlens.terminal import say
    from models.registry import CHALLENGER, CHAMPION, home_registry

    reason = _reason(force, why)
    registry = home_registry(home, os.environ)
    chosen = registry.aliased(CHALLENGER) if version is None else registry.version(version)
    if chosen is None:
        raise RefusedError("There is no challenger to promote. Train one with: leadlens train")
    champion = registry.aliased(CHAMPION)
    if chosen == champion:
        copy_again(home, registry, chosen)
        say(f"Version {chosen.version} is champion already. Serve it with: leadlens serve")
        return
    gates = _gates(registry, chosen, champion, config=config, data=data, home=home)
    for gate in gates:
        say(_line(gate))
    barred = [gate.name for gate in gates if gate.stands_in_the_way]
    if barred and reason is None:
        raise RefusedError(
            f"Version {chosen.version} is not promoted: it does not pass {_listed(barred)}. What served "
            f"before goes on serving. All the same: leadlens promote {chosen.version} --force --why TEXT"
        )
    forced = {} if reason is None else {"forced": True, "why": reason, "failed": barred}
    tags = {"forced": "no" if reason is None else "yes", "why": reason or "", "failed": ", ".join(barred)}
    crown(home, registry, chosen, over=champion, tags=tags, **forced)
    say(f"Version {chosen.version} is champion. Serve it with: leadlens serve")


def _reason(force: bool, why: str | None) -> str | None:
    """Return why the gates are overruled, None where they are not. Raises BadParameter where one is alone."""
    said = (why or "").strip()
    if force and not said:
        raise typer.BadParameter("--force needs --why TEXT: it is kept with the version")
    if said and not force:
        raise typer.BadParameter("--why stands beside --force only")
    if len(said) > LONGEST_WHY:
        raise typer.BadParameter(f"--why has {len(said)} characters; at most {LONGEST_WHY} are kept")
    return said or None


def _gates(
    registry: Registry, chosen: Registered, champion: Registered | None, **data: Any
) -> tuple[Gate, ...]:
    from leadlens.contest import champion_to_beat, compared_now, known_version, scorecard_of
    from models.errors import ArtifactError
    from training.promotion.gates import model_gates, no_comparison_gate, no_evidence_gate, points_gates
    from training.promotion.latency import median_latency_ms

    points = scorecard_of(registry, chosen)
    if points is not None:
        unmatched = [str(rule) for rule in points.card.unmatched]
        replaced = None if champion is None else registry.tags(champion).get("rung", "model")
        return points_gates(len(points.card.rules), unmatched, replaced, median_latency_ms(points))
    try:
        version, about = known_version(registry, chosen)
    except (RefusedError, ArtifactError) as problem:
        return (no_evidence_gate(str(problem)),)
    latency_ms = median_latency_ms(version.scorer)
    if champion is None or champion_to_beat(registry) is None:
        return model_gates(about, None, latency_ms)
    try:
        comparison = compared_now(registry, champion, version, about, **data)
    except (RefusedError, ArtifactError) as problem:
        return (*model_gates(about, None, latency_ms), no_comparison_gate(str(problem)))
    return model_gates(about, comparison, latency_ms)


def _line(gate: Gate) -> str:
    mark = "passed" if gate.passed else "FAILED" if gate.blocks else "warning"
    return f"{mark:7}  {gate.name}: {gate.figure}; {gate.said}"


def _listed(names: list[str]) -> str:
    return "the gate " + names[0] if len(names) == 1 else f"the gates {', '.join(names[:-1])} and {names[-1]}"
