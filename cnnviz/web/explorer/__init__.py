"""The explorer: a whole network on one screen, opened map by map."""
