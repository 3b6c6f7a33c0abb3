"""Plots: one for each kind of figure, the same bytes for the same evidence, and safe to stand in a page."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from made_about import HOSTILE, around, made_evidence
from made_explanations import made_explanations
from small_company import HOSTILE_NAME, dated_company

from training.explaining.told import told_reasons
from training.reports.content import shown
from training.reports.page import inline_svg
from training.reports.plots import plots_of
from training.reports.plots_explanations import dependence_plots, importance_plot

if TYPE_CHECKING:
    from training.reports.content import Drawing


@cache
def plots(*, other: bool = False) -> dict[str, Drawing]:
    """Draw made-up evidence, or some that differs from it in every kind of figure."""
    whole = made_evidence()
    less = replace(
        whole,
        rivals=whole.rivals[:2],
        reliability=whole.reliability[:5],
        gains=whole.gains[:50],
        measures={**whole.measures, "lift_05": around(3.9, 0.1)},
        bands=whole.bands[:4],
        slices=whole.slices[:-1],
    )
    return plots_of(less if other else whole)


NAMES = ["log_loss", "reliability", "gains", "lift", "bands", "stability"]


def test_every_kind_of_figure_has_a_plot_and_without_figures_there_is_none() -> None:
    whole = made_evidence()
    assert list(plots()) == NAMES
    bare = replace(whole, rivals=(), reliability=(), gains=(), bands=(), slices=(), measures={
        name: figure for name, figure in whole.measures.items() if not name.startswith("lift")
    })  # fmt: skip
    assert plots_of(bare) == {}


def test_the_same_evidence_gives_the_same_bytes() -> None:
    assert plots_of(made_evidence()) == plots()


@pytest.mark.parametrize("name", NAMES)
def test_a_plot_stands_alone_and_is_told_in_words(name: str) -> None:
    plot = plots()[name]
    root = ET.fromstring(plot.svg)  # noqa: S314 -- our own text
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert len(plot.said) > 40
    assert "date" not in plot.svg.lower()


@pytest.mark.parametrize("name", NAMES)
def test_a_plot_follows_the_figures(name: str) -> None:
    """A plot that draws something else than the evidence would not change with it."""
    assert plots(other=True)[name].svg != plots()[name].svg


def test_a_hostile_name_in_a_plot_is_text() -> None:
    whole = made_evidence()
    named = replace(
        whole,
        rivals=(replace(whole.rivals[0], name=HOSTILE), *whole.rivals[1:]),
        slices=tuple(replace(one, value=HOSTILE) for one in whole.slices),
    )
    drawn = plots_of(named)
    for plot in drawn.values():
        ET.fromstring(plot.svg)  # noqa: S314 -- our own text
        assert "<script" not in plot.svg
    assert shown(HOSTILE)[:12].replace("<", "&lt;").replace(">", "&gt;") in drawn["log_loss"].svg


def test_inside_a_page_a_plot_has_the_pages_colours_and_ids_of_its_own() -> None:
    plot = plots()["gains"]
    inline = inline_svg(plot)
    assert inline.startswith('<svg class="plot" viewBox=')
    assert "<metadata" not in inline
    assert "<style" not in inline
    assert "http" not in inline
    assert "var(--accent)" in inline
    assert all(name.startswith("gains-") for name in re.findall(r'id="([^"]+)"', inline))
    for name in re.findall(r'(?:url\(#|href="#)([^)"]+)', inline):
        assert f'id="{name}"' in inline


@cache
def explained(scale: float = 1.0) -> dict[str, Drawing]:
    """Draw made-up explanations of the small company's model."""
    spec = dated_company().scorer.spec
    reasons = told_reasons(made_explanations(spec, scale=scale), spec)
    return {plot.name: plot for plot in (importance_plot(reasons), *dependence_plots(reasons))}


def test_what_moves_scores_is_drawn_for_all_reasons_and_by_value_for_the_strongest() -> None:
    names = list(explained())
    assert names == ["importance", *(f"dependence_{at:02}" for at in range(1, 10))]
    for name, plot in explained().items():
        assert plot.is_small == name.startswith("dependence")
        assert len(plot.said) > 40


def test_plots_of_explanations_follow_the_figures_and_names_in_them_are_text() -> None:
    spec = dated_company().scorer.spec
    again = told_reasons(made_explanations(spec), spec)
    assert importance_plot(again) == explained()["importance"]
    for name, plot in explained().items():
        ET.fromstring(plot.svg)  # noqa: S314 -- our own text
        assert explained(2.0)[name].svg != plot.svg
    drawn = "".join(plot.svg for plot in explained().values())
    assert shown(HOSTILE_NAME)[:12].replace('"', "&quot;") in drawn.replace('"der"', "&quot;der&quot;")
    assert "not" in drawn
    assert "1,500" in drawn
