"""What others know about the leads' companies: asked ahead of time, never while a lead waits."""
