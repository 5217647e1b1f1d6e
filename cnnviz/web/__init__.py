"""The browser components of our own: a folder each, with a thin Python face, ES modules and one style sheet."""
