"""Record what MediaPipe's own FaceLandmarker finds, for the agreement test of the mesh.

    python -m pip install -e '.[reference]'   # mediapipe 0.10.21; an environment of its own is best
    python tools/record_reference_fits.py ../shared/data tests/face/reference_fits.npz

Reads the first 40 photos of portraits/val and writes landmarks and blendshapes, no pixels:
``names`` (n,), ``landmarks`` (n, 478, 3) int16 in 1/32 photo pixel (x, y, z), ``blendshapes``
(n, 52) float16, ``library`` the version that made them.
"""

# pyright: reportMissingImports=false
# (mediapipe is an optional dependency)
from __future__ import annotations

import argparse
from pathlib import Path

import mediapipe
import numpy as np
from mediapipe.tasks import python as tasks
from mediapipe.tasks.python import vision
from PIL import Image

PHOTOS = 40
STEPS_PER_PIXEL = 32


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with portraits/val and face_models")
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    bundle = args.data / "face_models" / "face_landmarker.task"
    options = vision.FaceLandmarkerOptions(
        base_options=tasks.BaseOptions(model_asset_path=str(bundle)),
        running_mode=vision.RunningMode.IMAGE,
        output_face_blendshapes=True,
        num_faces=1,
    )
    names, landmarks, blendshapes = [], [], []
    with vision.FaceLandmarker.create_from_options(options) as landmarker:
        for path in sorted((args.data / "portraits" / "val").glob("*.jpg"))[:PHOTOS]:
            rgb = np.asarray(Image.open(path).convert("RGB"))
            image = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=rgb)
            found = landmarker.detect(image)
            if not found.face_landmarks:
                continue
            height, width = rgb.shape[:2]
            names.append(path.relative_to(args.data).as_posix())
            # MediaPipe scales z like x.
            landmarks.append(
                [(p.x * width, p.y * height, p.z * width) for p in found.face_landmarks[0]]
            )
            blendshapes.append([one.score for one in found.face_blendshapes[0]])
    np.savez_compressed(
        args.out,
        names=np.array(names),
        landmarks=np.round(np.array(landmarks) * STEPS_PER_PIXEL).astype(np.int16),
        blendshapes=np.array(blendshapes, np.float16),
        library=np.array(f"mediapipe {mediapipe.__version__}"),
    )
    print(f"{args.out}: {len(names)} photos, {args.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
