"""The policy: what a company wants done about its leads, in one file."""

from decisions.policy.defaults import default_text
from decisions.policy.handoff import Thresholds
from decisions.policy.policy import Policy, policy_digest
from decisions.policy.reading import policy_of_text, read_policy

__all__ = ["Policy", "Thresholds", "default_text", "policy_digest", "policy_of_text", "read_policy"]
