"""The convolution laboratory in a session."""
