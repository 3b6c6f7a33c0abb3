"""Deep feature synthesis by featuretools: FOLDER/leads.csv and events.csv to matrix.csv.

Run by `bench_automated.py` with another Python, which has featuretools and an older pandas and no LeadLens.
"""

import json
import sys
import time
import warnings
from pathlib import Path

import featuretools as ft
import pandas as pd

_OF_GROUPS = [
    "count", "sum", "mean", "max", "min", "std", "num_unique", "mode", "percent_true", "trend",
    "time_since_last", "time_since_first", "avg_time_between", "entropy",
]  # fmt: skip
_OF_ROWS = ["time_since", "weekday", "hour", "is_weekend"]
_WHERE = ["count", "time_since_last", "time_since_first", "sum", "max"]


def main(folder: Path) -> None:
    """Write the matrix, its first column the example, and beside it the seconds that it took."""
    warnings.simplefilter("ignore")
    about = json.loads((folder / "about.json").read_text())
    leads = pd.read_csv(folder / "leads.csv", parse_dates=["created_at"])
    events = pd.read_csv(folder / "events.csv", parse_dates=["occurred_at"])
    for name in about["categories"]:
        leads[name] = leads[name].astype("category")
    began = time.perf_counter()
    entities = ft.EntitySet("company")
    entities.add_dataframe(leads, "leads", index="example", time_index="created_at")
    kinds = {"type": "Categorical", "detail": "Categorical"}
    entities.add_dataframe(events, "events", index="event", time_index="occurred_at", logical_types=kinds)
    entities.add_relationship("leads", "example", "events", "example")
    entities.add_interesting_values(dataframe_name="events", values={"type": about["types"]})
    matrix, features = ft.dfs(
        entityset=entities,
        target_dataframe_name="leads",
        agg_primitives=_OF_GROUPS,
        trans_primitives=_OF_ROWS,
        where_primitives=_WHERE,
        cutoff_time=pd.Timestamp(about["as_of"]),
        max_depth=2,
    )
    matrix, _ = ft.encode_features(matrix, features, top_n=12)
    seconds = time.perf_counter() - began
    matrix.astype("float64").to_csv(folder / "matrix.csv")
    (folder / "seconds.json").write_text(json.dumps({"seconds": seconds, "features": matrix.shape[1]}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
