"""What would follow: the scores that the model would give after each plausible next event of a lead.

A prediction of what the model would say, and how often such leads did so: no effect of making it happen.
"""

from models.what_if.foretelling import foretell
from models.what_if.foretold import Foretold, Outlook
from models.what_if.hypothesis import Hypothesis, sent_events

__all__ = ["Foretold", "Hypothesis", "Outlook", "foretell", "sent_events"]
