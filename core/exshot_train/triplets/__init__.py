"""Training triplets: pose photo, expression photo and truth, as crops with fitted meshes.

In the order of the work:

- ``sample``: what one triplet holds, and the protocol of everything that yields triplets.
- ``repose``, ``expressions``: a photo under another head pose; with another expression.
- ``light``, ``camera``, ``occluders``: other light, another camera, something in front of a face.
- ``photographs``: triplets of real photographs. ``renders``: triplets of the virtual studio.
- ``shards``: triplets on disk. ``python -m exshot_train.triplets`` makes them.

Nothing here needs torch.
"""
