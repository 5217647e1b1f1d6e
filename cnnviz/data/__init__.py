"""Images and labels, and how they come in. Refuses to know: networks."""
