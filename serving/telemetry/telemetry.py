"""Where answered requests are noted. Noting costs next to nothing; what is made of it is made later."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from serving.telemetry.served import Served

_access = logging.getLogger("leadlens.access")


class Telemetry:
    """Writes a line of the access log for each request."""

    def served(self, one: Served) -> None:
        """Note a request that was answered."""
        _access.info(
            "%s %s %s %.1fms request=%s key=%s",
            one.method,
            one.route,
            one.status or "-",
            one.seconds * 1_000,
            one.request_id,
            one.key_id,
        )
