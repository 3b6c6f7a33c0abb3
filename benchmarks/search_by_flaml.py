"""FLAML's part of bench_flaml.py, run by the Python of its own environment.

    python search_by_flaml.py FOLDER SECONDS SEED THREADS

Reads learned.parquet (feature vectors, `label`, `weight`) and tested.parquet, whose categories are columns of
pandas categories; writes probabilities.npy and about.json.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from flaml import AutoML


def main() -> None:
    """Search, refit on all and foretell."""
    folder, seconds, seed, threads = Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    learned, tested = (pd.read_parquet(folder / f"{name}.parquet") for name in ("learned", "tested"))
    label, weight = learned.pop("label"), learned.pop("weight")
    began = time.perf_counter()
    search = AutoML()
    search.fit(
        X_train=learned,
        y_train=label.astype(int),
        sample_weight=weight,
        task="classification",
        metric="log_loss",
        estimator_list=["lgbm"],
        time_budget=seconds,
        seed=seed,
        n_jobs=threads,
        verbose=0,
    )
    took = time.perf_counter() - began
    np.save(folder / "probabilities.npy", search.predict_proba(tested)[:, 1])
    best = {key: float(value) for key, value in search.best_config.items()}
    (folder / "about.json").write_text(json.dumps({"seconds": took, "settings": best}))


if __name__ == "__main__":
    main()
