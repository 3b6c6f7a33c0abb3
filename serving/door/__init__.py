"""The way in: every layer that a request passes before it is answered, and the table of all addresses."""
