"""The page Train live."""
