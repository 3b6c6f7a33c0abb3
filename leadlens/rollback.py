"""`leadlens rollback`: the champion before becomes champion again."""

import os

from leadlens.options import HOME, Home


def rollback(home: Home = HOME) -> None:
    """Make the champion before the champion again.

    Twice goes back twice. Running servers follow within a second.

    \b
    Example:
      leadlens rollback
    """
    from leadlens.champion_change import roll_back
    from leadlens.terminal import say
    from models.registry import home_registry

    left, restored = roll_back(home, home_registry(home, os.environ))
    say(f"Version {restored.version} is champion again, in place of version {left.version}.")
