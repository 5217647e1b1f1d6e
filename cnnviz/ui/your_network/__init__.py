"""The page Your network."""
