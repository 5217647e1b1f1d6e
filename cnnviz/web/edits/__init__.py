"""Surgery on the network that is shown: edits, comparison, accuracy. Part of the explorer, in files of its own."""
