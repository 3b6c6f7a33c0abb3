"""The leakage audit of training: which columns know the answer, and what a model makes of them."""
