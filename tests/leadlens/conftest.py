"""A home with a champion that the command line made, shared by the tests of the command line."""

import pytest
from command_line import FirstRound, done


@pytest.fixture(scope="session")
def first_round(tmp_path_factory: pytest.TempPathFactory) -> FirstRound:
    """Generate, train and promote, in a home whose path holds what URLs and shells trip over."""
    folder = tmp_path_factory.mktemp("round") / "a home of 100 % Größe #1"
    home, data = folder / "home", folder / "data"
    return FirstRound(
        home,
        data,
        done("generate", "--out", data, "--leads", 700, "--format", "csv", "--truth"),
        done("train", "--config", data / "leadlens.toml", "--home", home),
        done("promote", "--force", "--why", "it is small", "--home", home),
    )
