"""The command line, one file a command: `register(parser)` adds its arguments, its function `run` runs it.

A command returns its exit code; a ValueError or FileNotFoundError becomes one sentence and code 2. Which commands
there are says `cnnviz.__main__`, which loads the file of the one that was asked for, and no other.
"""
