"""The editor of a network's layers."""
