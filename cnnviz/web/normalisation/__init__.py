"""Batch normalisation and dropout in numbers: the words of the component."""
