"""From the pixels of a photo to its faces: mesh, blendshapes, head pose, crop."""
