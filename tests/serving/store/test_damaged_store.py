from pathlib import Path

import pytest

from features.errors import InputError
from serving.store.database import open_store


def test_a_damaged_store_is_said_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "leadlens.db").write_text("no database")
    with pytest.raises(InputError, match="a store that can be used, found file is not a database") as told:
        open_store(tmp_path)
    assert "restore a backup: leadlens restore" in str(told.value)
