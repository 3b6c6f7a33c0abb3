"""What a run shows of a version: parameters, figures, data and tags, all of them from its `About`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from models.tracked import TrackedData

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from training.about import About
    from training.measures import Figure


def parameters_of(about: About) -> dict[str, Any]:
    """Return the settings and the size of the data, as parameters of a run."""
    data = about.data
    return {
        **dict(_flat(about.recipe)),
        "trees": about.trees,
        "calibration": about.calibration.method,
        "leads": data.leads,
        "examples": data.examples,
        "census": data.census,
        "conversions": data.conversions,
        "features": data.features,
        "data_sha256": data.sha256,
        "command": about.command,
        "trials": about.trials,
        **({} if about.made_from is None else {"made_from": about.made_from}),
        **_verdicts(about),
    }


def figures_of(about: About) -> dict[str, float]:
    """Return every figure of the evidence with both ends of its interval: of the model, and of its rivals."""
    found = dict(_figures(about))
    whole = {
        f"{name}{part}": value
        for name, figure in found.items()
        for part, value in (("", figure.value), ("_low", figure.low), ("_high", figure.high))
    }
    signal = about.evidence.signal
    if signal is not None:
        whole |= {"signal_z": signal.z, "signal_p_value": signal.p_value}
    for method, log_loss in about.calibration.log_losses.items():
        whole[f"calibration_log_loss_{method}"] = log_loss
    return whole


def data_of(about: About) -> tuple[TrackedData, ...]:
    """Return what was learned from as a data set of a run: its digest and counts, and no row of it."""
    profile = {name: value for name, value in asdict(about.data).items() if name != "sha256"}
    source = about.command or "the data of the mapping"
    return (TrackedData(name="examples", sha256=about.data.sha256, source=source, profile=profile),)


def tags_of(about: About) -> dict[str, str]:
    """Return the tags by which versions are told apart in a list."""
    data = about.data
    tags = {
        "horizon": data.horizon or "none",
        "base_rate": f"{data.base_rate:.4f}",
        "conversions": str(data.conversions),
        "shows_signal": _yes_or_no(about.evidence.shows_signal),
    }
    return tags if about.made_from is None else {**tags, "made_from": str(about.made_from)}


def _figures(about: About) -> Iterator[tuple[str, Figure]]:
    evidence = about.evidence
    yield from evidence.measures.items()
    for rival in evidence.rivals:
        name = rival.name.replace(" ", "_")
        yield from ((f"{name}_{measure}", figure) for measure, figure in rival.measures.items())
        yield f"{name}_lead", rival.lead
    named = {
        "auc_without_events": evidence.auc_without_events,
        "auc_without_enrichment": evidence.auc_without_enrichment,
        "base_rate_before": evidence.base_rate.before,
        "base_rate_after": evidence.base_rate.after,
        "signal_auc": None if evidence.signal is None else evidence.signal.auc,
        "random_split_auc": None if evidence.flattery is None else evidence.flattery.random_auc,
        "random_split_log_loss": None if evidence.flattery is None else evidence.flattery.random_log_loss,
    }
    yield from ((name, figure) for name, figure in named.items() if figure is not None)


def _verdicts(about: About) -> dict[str, str]:
    """Return what the audit found as parameters of the run ('none' where it found nothing)."""
    if about.audit is None:
        return {}
    columns = about.audit.get("columns", ())
    named = {
        "audit_leaks": [column["name"] for column in columns if column["verdict"] == "leak"],
        "audit_suspects": [column["name"] for column in columns if column["verdict"] == "suspect"],
        "audit_kept": list(about.kept),
    }
    return {key: ", ".join(names) or "none" for key, names in named.items()}


def _flat(settings: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Return settings of a recipe one by one; those of boosting under LightGBM's own names."""
    for name, value in settings.items():
        if name == "boosting":
            yield from _flat(value)
        elif isinstance(value, dict):
            yield from ((f"{name}.{inner}", held) for inner, held in _flat(value))
        elif isinstance(value, (list, tuple)):
            yield name, ", ".join(map(str, value)) or "none"
        elif name != "seed" or "num_trees" not in settings:  # the recipe's seed; boosting has one of its own
            yield name, value


def _yes_or_no(holds: bool) -> str:
    return "yes" if holds else "no"
