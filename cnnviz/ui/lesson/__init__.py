"""The first lesson in a session."""
