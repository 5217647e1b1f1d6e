"""The browser components of our own: a folder each, with packets and texts in Python, ES modules and a style sheet."""
