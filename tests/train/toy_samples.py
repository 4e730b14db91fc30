"""Small training samples of made-up faces."""

from __future__ import annotations

import numpy as np
from train.synthetic_face import frontal_mesh, smooth_picture

from exshot_train.triplets.sample import Sample


def toy_samples(count: int, size: int) -> list[Sample]:
    """Samples that differ in their pictures and a little in their meshes."""
    samples = []
    for seed in range(count):
        rng = np.random.default_rng(seed)
        mesh = frontal_mesh(size)
        truth = smooth_picture(size, seed)
        expression = np.clip(truth * rng.uniform(0.7, 1.2, 3), 0, 255).astype(np.uint8)
        moved = (mesh + rng.normal(0, 0.3, mesh.shape)).astype(np.float32)
        weight = np.full((size, size), 255, np.uint8)
        samples.append(
            Sample(
                truth, expression, truth, truth, weight, mesh, moved, f"toy {seed}", seed % 2 > 0
            )
        )
    return samples
