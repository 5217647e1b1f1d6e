"""The page of one training step."""
