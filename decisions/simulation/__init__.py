"""What another policy would have done: history decided again, compared, and what it proposes."""

from decisions.simulation.past import LeadPast, Past
from decisions.simulation.simulation import Sales, Simulation, simulate

__all__ = ["LeadPast", "Past", "Sales", "Simulation", "simulate"]
