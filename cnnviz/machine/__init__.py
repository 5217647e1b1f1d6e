"""What the machine gives and bears: where files lie, files that are whole or not there, locks, limits, extra packages.

Refuses to know: what is in a file, and who asks.
"""
