"""Evidence: what a twin shows on what came later, beside what simpler rivals show."""
