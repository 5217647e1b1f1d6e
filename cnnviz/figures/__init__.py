"""Pure functions from finished records to pictures; the theme decides colours and digits."""
