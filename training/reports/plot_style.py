"""How every plot looks: the page's colours, quiet axes, and the same bytes for the same figures."""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

INK, SOFT, LINE, ACCENT, AGAINST, REST = "#22272b", "#626b70", "#e2dfd7", "#2f6f62", "#b8573f", "#a7a69f"
BAND = "#d5e5df"

INK_OF_PAGE = {
    INK: "ink", SOFT: "soft", LINE: "line", ACCENT: "accent", AGAINST: "against", REST: "rest", BAND: "band",
}  # fmt: skip
"""The page's names of the plots' colours, so that a plot follows the page into the dark."""

_STYLE = {
    "axes.edgecolor": LINE,
    "axes.facecolor": "none",
    "axes.labelcolor": SOFT,
    "axes.labelsize": 10,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlepad": 10,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 10,
    "grid.color": LINE,
    "grid.linewidth": 0.7,
    "legend.fontsize": 9.5,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "savefig.facecolor": "none",
    "svg.fonttype": "none",
    "svg.hashsalt": "leadlens",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": SOFT,
    "xtick.labelsize": 9.5,
    "ytick.color": SOFT,
    "ytick.labelsize": 9.5,
}
_FONTS = 'ui-sans-serif, system-ui, "Segoe UI", "Helvetica Neue", "Noto Sans", "DejaVu Sans", sans-serif'


@contextmanager
def canvas(
    *, width: float = 4.7, height: float = 3.3, rows: tuple[float, ...] = (1.0,)
) -> Iterator[tuple[Any, list[Any]]]:
    """Give a figure (inches) and one axis for each of `rows` (relative heights), in the house's style.

    Nothing of the caller's settings of matplotlib is read or changed, and no window or display is asked for.
    """
    import matplotlib as mpl  # noqa: PLC0415  # takes a second, and few commands draw
    from matplotlib.backends.backend_svg import FigureCanvasSVG  # noqa: PLC0415  # as above
    from matplotlib.figure import Figure  # noqa: PLC0415  # as above

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasSVG(figure)
        made = figure.subplots(len(rows), 1, sharex=len(rows) > 1, height_ratios=rows, squeeze=False)
        yield figure, [axis for (axis,) in made]


def svg_of(figure: Any) -> str:
    """Return the figure as SVG whose text stays text: no date, and the same bytes for the same figure."""
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Type": None, "Format": None})
    quoted = _FONTS.replace('"', "&quot;")
    return out.getvalue().replace("'DejaVu Sans', sans-serif", quoted).replace("'DejaVu Sans'", quoted)
