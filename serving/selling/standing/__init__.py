"""How stored leads stand: decisions that are kept, stages, the best of the day."""
