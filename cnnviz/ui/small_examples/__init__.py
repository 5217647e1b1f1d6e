"""The page "Small examples": which one is open, what is typed into it, what comes out."""
