"""How much of the surroundings' light reaches every vertex, shadows of the head itself included.

Sloan, Kautz, Snyder 2002, "Precomputed radiance transfer", diffuse case, second order.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from exshot_train.studio.lights import harmonics
from exshot_train.studio.soup import Soup

Arr = NDArray[np.float64]

NearestAlong = Callable[[Arr, Arr, float], NDArray[np.float32]]
"""Called with axes ``(3, 3)`` (right, up, direction), middle ``(3,)`` and extent in decimetres.

Returns ``(grid, grid)``: row by up and column by right, how far along the direction the outermost
surface lies from the middle; about -1000 where there is none.
"""


def spread_directions(count: int) -> Arr:
    """Evenly spread unit directions, ``(count, 3)``, by the golden angle."""
    k = np.arange(count) + 0.5
    y = 1 - 2 * k / count
    angle = np.pi * (1 + 5**0.5) * k
    side = np.sqrt(1 - y * y)
    return np.stack([side * np.cos(angle), y, side * np.sin(angle)], 1)


def transfer(soup: Soup, nearest: NearestAlong, count: int = 80) -> NDArray[np.float32]:
    """Transfer vectors of all vertices.

    Args:
        nearest: draws what is nearest along a direction, see `NearestAlong`.
        count: number of directions.

    Returns:
        ``(n, 9)``: times the light's nine coefficients (per colour) it is the radiance that a
        white surface there reflects.
    """
    points, normals = soup.vertices.astype(float), soup.normals.astype(float)
    lifted = points + 0.02 * normals
    middle = (points.min(0) + points.max(0)) / 2
    extent = float(np.linalg.norm(points.max(0) - points.min(0)))
    result = np.zeros((len(points), 9))
    for ray in spread_directions(count):
        cosine = normals @ ray
        axes = facing_axes(ray)
        field = nearest(axes, middle, extent)
        lit = np.flatnonzero(cosine > 0)
        share = cosine[lit] * _unshadowed(lifted[lit] - middle, axes, field, extent)
        result[lit] += share[:, None] * harmonics(ray)
    result *= 4 / count  # 4π / count of solid angle, over π of a white surface
    # What bounces about inside the mouth and other hollows, which direct light alone leaves black.
    open_sky = np.array([np.pi, *[2 * np.pi / 3] * 3, *[np.pi / 4] * 5]) / np.pi
    result = 0.94 * result + 0.06 * harmonics(normals) * open_sky
    return _smoothed(result, soup).astype(np.float32)


def facing_axes(ray: Arr) -> Arr:
    """``(3, 3)``, rows: right, up and the direction itself, orthonormal."""
    helper = np.array([0.0, 0.0, 1.0]) if abs(ray[1]) > 0.9 else np.array([0.0, 1.0, 0.0])
    right = np.cross(helper, ray)
    right /= np.linalg.norm(right)
    return np.stack([right, np.cross(ray, right), ray])


def _unshadowed(local: Arr, axes: Arr, field: NDArray[np.float32], extent: float) -> Arr:
    """Share of light from one direction that reaches each point, 0 … 1, by four neighbours."""
    grid = len(field)
    place = local @ axes.T
    pixel = place[:, :2] * (grid / extent) + (grid / 2 - 0.5)
    behind = np.zeros(len(local))
    for dx, dy in ((-0.5, -0.5), (0.5, -0.5), (-0.5, 0.5), (0.5, 0.5)):
        x = np.clip(np.round(pixel[:, 0] + dx), 0, grid - 1).astype(np.int64)
        y = np.clip(np.round(pixel[:, 1] + dy), 0, grid - 1).astype(np.int64)
        behind += field[y, x] - place[:, 2] > 0.06
    return 1 - behind / 4


def _smoothed(values: Arr, soup: Soup, rounds: int = 2) -> Arr:
    """Average over neighbours on the surface: soft shadows, and skin that lets light through."""
    n = len(values)
    edges = np.concatenate([soup.triangles[:, [a, b]] for a, b in ((0, 1), (1, 2), (2, 0))])
    one = np.ones(len(edges))
    links = sparse.csr_matrix((one, (edges[:, 0], edges[:, 1])), (n, n))
    links = ((links + links.T) > 0).astype(float) + sparse.identity(n)
    mean = sparse.diags(1 / np.asarray(links.sum(1)).ravel()) @ links
    for _ in range(rounds):
        values = mean @ values
    return values
