"""Developed views give every triplet of their takes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from train.conftest import WHY
from train.synthetic_face import frontal_mesh, smooth_picture

pytest.importorskip("safetensors", reason=WHY)

from safetensors.numpy import save_file

from exshot_train.studio.view_file import FORMAT, read_view
from exshot_train.triplets.views import ViewTriplets

SIZE = 64
CAMERAS = 3
RELIT = 1


def write_take(folder: Path, key: str, *, unseen: tuple[int, ...] = ()) -> None:
    """A take of three cameras, each view another grey; no face in those of ``unseen``."""
    import cv2

    blobs, meshes = [], []
    for camera in range(CAMERAS):
        for light in range(1 + RELIT):
            picture = smooth_picture(SIZE, len(key) + 10 * camera + light)
            done, data = cv2.imencode(".jpg", picture[..., ::-1])
            assert done
            blobs.append(data.tobytes())
            missing = np.full((478, 3), np.nan)
            meshes.append(missing if camera in unseen else frontal_mesh(SIZE) + camera)
    arrays = {
        "data": np.frombuffer(b"".join(blobs), np.uint8),
        "ends": np.cumsum([0, *map(len, blobs)]).astype(np.int64),
        "meshes": np.array(meshes, np.float32).reshape(CAMERAS, 1 + RELIT, 478, 3),
    }
    header = {"format": FORMAT, "key": key, "relit": str(RELIT), "cameras": str(CAMERAS)}
    save_file(arrays, folder / f"{key}.safetensors", header)


@pytest.fixture
def views(tmp_path: Path) -> Path:
    for name in ("neutral", "smile", "wink"):
        write_take(tmp_path, f"p00_t0_{name}")
    write_take(tmp_path, "p00_t1_smile")  # alone under this turn: no triplet
    write_take(tmp_path, "p01_t0_smile", unseen=(2,))
    write_take(tmp_path, "p01_t0_kiss")
    return tmp_path


def test_every_two_expressions_and_every_two_cameras_make_a_triplet(views: Path) -> None:
    triplets = ViewTriplets(views, SIZE)
    assert triplets.distinct == (3 * 2 + 2 * 1) * CAMERAS * (CAMERAS - 1)
    origins = {triplets[k].origin for k in range(0, len(triplets), 4)}
    # Where no face was found in a view, the next triplet stands in.
    assert 0.8 * triplets.distinct < len(origins) < triplets.distinct
    assert all("_t1_" not in origin for origin in origins)


def test_pose_photo_and_truth_come_from_one_camera_and_the_expression_from_another(
    views: Path,
) -> None:
    for index in range(0, 96, 7):
        sample = ViewTriplets(views, SIZE)[index]
        *_, here, there, _ = sample.origin.split()
        assert here != there
        assert sample.independent


def test_half_of_the_expression_photos_are_relit_unless_that_is_switched_off(views: Path) -> None:
    augmented, plain = ViewTriplets(views, SIZE), ViewTriplets(views, SIZE, relight=False)
    relit = [(augmented[k].expression != augmented[k].plain).any() for k in range(40)]
    assert sum(relit) == 20
    assert all((plain[k].expression == plain[k].plain).all() for k in range(40))


def test_a_view_without_a_face_says_so(views: Path) -> None:
    path = views / "p01_t0_smile.safetensors"
    assert read_view(path, 2).mesh is None
    mesh = read_view(path, 1).mesh
    assert mesh is not None
    np.testing.assert_allclose(mesh, frontal_mesh(SIZE) + 1, atol=1e-4)


def test_one_expression_alone_is_refused(tmp_path: Path) -> None:
    write_take(tmp_path, "p00_t0_smile")
    with pytest.raises(ValueError, match="no two expressions"):
        ViewTriplets(tmp_path, SIZE)
