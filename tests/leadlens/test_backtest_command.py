"""`leadlens backtest` on a generated history, and what it refuses."""

import json
from pathlib import Path

import pytest
from command_line import done, leadlens


@pytest.fixture(scope="module")
def mapping(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The mapping of a small generated history."""
    out = tmp_path_factory.mktemp("generated")
    done("generate", "--out", out, "--leads", 2_500)
    return out / "leadlens.toml"


def test_it_says_what_retraining_gives_and_writes_page_plots_and_figures(
    mapping: Path, tmp_path: Path
) -> None:
    out = tmp_path / "rolled"
    run = done(
        "backtest", "--config", mapping, "--every", "20 weeks,never",
        "--periods", 7, "--out", out,
    )  # fmt: skip
    assert "20 weeks instead of never" in run.out
    assert "A random split by lead" in run.out
    assert "models trained" in run.err
    names = {path.name for path in out.iterdir()}
    assert names == {
        "backtest.html", "backtest.csv", "backtest.json", "log_loss_over_time.svg", "log_loss_saved.svg",
    }  # fmt: skip
    found = json.loads((out / "backtest.json").read_text("utf-8"))
    assert found["fits"] == 2
    assert len(found["periods"]) == 7
    assert str(tmp_path) not in (out / "backtest.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--every", "sometimes"], 1, "--every: expected weekly, monthly, never"),
        (["--from", "2001-01-01"], 1, "the first retraining: expected a Monday after"),
        (["--from", "9999-12-31"], 1, "the last that has matured, found 10000-01-03"),
        (["--from", "2025-02-10"], 3, "too little was known to learn from"),
    ],
)
def test_what_cannot_be_rolled_is_refused_in_words(
    mapping: Path, words: list[str], code: int, said: str
) -> None:
    run = leadlens("backtest", "--config", mapping, *words)
    assert (run.code, said in run.said) == (code, True), run.said


def test_flat_data_are_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("id,size,won\n" + "".join(f"{n},{n},{n % 2}\n" for n in range(50)))
    (tmp_path / "leadlens.toml").write_text(
        '[leads]\npath = "leads.csv"\nid = "id"\n[outcomes]\nlabel = "won"\npositive = 1\n'
    )
    run = leadlens("backtest", folder=tmp_path)
    assert run.code == 3
    assert "these data are flat" in run.said
