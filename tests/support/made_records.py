"""Records of scores that nobody was given, for tests of the ledger itself."""

from typing import Any

import numpy as np
import sqlalchemy as sa

from decisions.policy import Policy
from serving.ledger.chain import Record, append
from serving.store.database import Store
from serving.store.dialects import insert_into
from serving.store.schema import MODELS_SEEN, POLICIES_SEEN

NOW = 1_795_253_400_000_000
POLICY = Policy()


def a_record(lead: int = 1, **values: Any) -> Record:
    of: dict[str, Any] = {
        "lead": lead,
        "as_of": NOW,
        "model_name": "leadlens",
        "model_version": 3,
        "model_sha256": "a" * 64,
        "policy_sha256": POLICY.sha256,
        "answer": f'{{"lead_id":"L-{lead}","name":"Größe"}}',
        "vector": np.asarray([1.5, np.nan, -0.0]),
        "contributions": np.asarray([0.1, 0.2, -0.3]),
        "margin": 0.25,
        "expected_margin": 0.25,
        "facts": '{"as_of":0}',
    }
    return Record(**(of | values))


def appended(store: Store, count: int, now: int = NOW) -> list[str]:
    def append_all(connection: sa.Connection) -> list[str]:
        policy = {"sha256": POLICY.sha256, "content": POLICY.content}
        model = {"name": "leadlens", "version": 3, "sha256": "a" * 64}
        for table, row in ((POLICIES_SEEN, policy), (MODELS_SEEN, model)):
            seen = insert_into(connection, table).on_conflict_do_nothing()
            connection.execute(seen.values(**row, first_seen_at=now))
        # Every second one is of the points rung, which has no log-odds.
        of = ({"margin": None, "expected_margin": None} if lead % 2 else {} for lead in range(count))
        records = [a_record(lead, **more) for lead, more in enumerate(of)]
        return append(connection, records, now)

    return store.write(append_all)


def all_of(store: Store, table: sa.Table) -> list[Any]:
    with store.reading() as connection:
        return list(connection.execute(table.select()).all())
