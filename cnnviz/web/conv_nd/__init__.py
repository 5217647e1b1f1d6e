"""Convolution along one axis and three in numbers: the words of the component."""
