"""Training side of ExShot: the virtual studio, triplets, losses, training, export."""
