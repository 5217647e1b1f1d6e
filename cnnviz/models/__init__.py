"""Which networks there are: the zoo, their checkpoints, the decision rule, and networks as a list of layers."""
