"""The mapping that belongs to a generated history."""

from training.synthetic.recipe import History
from training.synthetic.touches import TOUCHES, TOUCHES_PER_DAY


def mapping_text(history: History, extension: str) -> str:
    """Return the text of `leadlens.toml` for tables with this file extension, beside the mapping itself."""
    touches = ", ".join(f'"{touch}"' for touch in (TOUCHES if history.observable else TOUCHES_PER_DAY))
    drift = f", drift {history.drift:g}" if history.drift else ""
    return f"""\
# These data are generated: no person, company or deal in them exists.
# Recipe: {history.leads} leads, seed {history.seed}, {history.days} days from {history.start:%Y-%m-%d}, \
leak {str(history.leak).lower()}, observable {str(history.observable).lower()}{drift}.

[leads]
path = "leads.{extension}"
id = "lead_id"
created_at = "created_at"
multi = {{ technologies = ";", detected_technologies = ";" }}

[events]
path = "events.{extension}"
lead_id = "lead_id"
occurred_at = "occurred_at"
type = "type"
event_id = "event_id"
value = "value"
known_at = "known_at"
properties = ["page", "campaign"]
touches = [{touches}]

[changes]
path = "changes.{extension}"
lead_id = "lead_id"
column = "column"
changed_at = "changed_at"
value = "value"

[outcomes]
path = "outcomes.{extension}"
lead_id = "lead_id"
occurred_at = "occurred_at"
outcome = "outcome"
value = "value"
known_at = "known_at"

[accounts]
path = "accounts.{extension}"
key = "domain"
lead_key = "email"
known_from = "known_from"

[training]
horizon = "{history.horizon_days} days"
census = "weekly"
extract_at = {history.extract_at:%Y-%m-%dT%H:%M:%SZ}
"""
