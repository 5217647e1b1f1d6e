"""Why this answer? The panel under the table: a map of the image, and whether to believe it."""
