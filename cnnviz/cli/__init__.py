"""The command line, one file a command: `register(subparsers)` names it, its function runs it.

A command returns its exit code; a ValueError or FileNotFoundError becomes one sentence and code 2.
"""
