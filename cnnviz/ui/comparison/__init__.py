"""Comparing two images in one network, or two networks on one image."""
