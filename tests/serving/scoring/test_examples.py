import doctest
import importlib
import pkgutil

import serving


def test_the_examples_in_docstrings_are_true() -> None:
    tried = 0
    for module in pkgutil.walk_packages(serving.__path__, "serving."):
        if "migrations" in module.name:
            continue
        result = doctest.testmod(importlib.import_module(module.name))
        assert result.failed == 0, module.name
        tried += result.attempted
    assert tried >= 6
