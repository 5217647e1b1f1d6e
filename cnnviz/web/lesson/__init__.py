"""The first lesson: one picture, walked down from its pixels to a verdict."""
