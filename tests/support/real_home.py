"""A home with a real champion: generated history, the real training, the real artifact, small."""

from pathlib import Path

from features.mapping import read_mapping
from features.reading import read_tables
from models.artifact import save_scorer
from models.boosting import Boosting
from models.champion import champion_folder, point_to
from training.examples import cut_examples
from training.fitting.fit import fit_scorer
from training.fitting.recipe import Recipe
from training.synthetic.engine import generate
from training.synthetic.recipe import History


def make_real_home(home: Path, *, leads: int = 1_200) -> None:
    """Generate a history into the home's data folder, and make a quickly fitted model its champion."""
    made = generate(History(leads=leads, seed=7), home / "data")
    mapping = read_mapping(made.mapping)
    examples = cut_examples(read_tables(mapping, made.mapping.parent), mapping)
    recipe = Recipe(boosting=Boosting(num_trees=40))
    scorer = fit_scorer(examples.history, examples.learned, examples.census, recipe)
    save_scorer(scorer, champion_folder(home, 1))
    point_to(home, name=scorer.name, version=1)
