"""X or O on real drawings: whose drawings, what is neither, how the shipped network is made, strokes of a seed.

Refuses to know: pages, and the lesson on nine by nine pixels.
"""
