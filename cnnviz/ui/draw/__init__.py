"""The Draw pages: a drawing, the network that classifies it, and every question about a cell."""
