"""The page Teach it yourself."""
