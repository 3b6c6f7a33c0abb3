"""What others know about the leads' companies: asked before training and scoring, never while a lead waits."""
