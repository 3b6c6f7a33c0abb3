"""The agreement of sales and marketing, as the policy says it."""

from decisions.agreement.agreement import agreement_of
from decisions.agreement.telling import as_markdown, as_text

__all__ = ["agreement_of", "as_markdown", "as_text"]
