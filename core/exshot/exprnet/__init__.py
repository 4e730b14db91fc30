"""ExprNet at run time: what the network reads, how it is run, and the layer that it gives."""
