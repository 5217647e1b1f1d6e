"""How the shipped weights are made and what is published with them."""
