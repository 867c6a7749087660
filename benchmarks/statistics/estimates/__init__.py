"""Numbers of one model, each with its interval."""
