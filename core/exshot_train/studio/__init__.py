"""A virtual capture studio: people, expressions, cameras and light, rendered with exact geometry.

The paper's rig rebuilt from CC0 and MIT assets. In the order of the work:

- ``assets``, ``subdivide``: reads the MakeHuman files; smooths meshes.
- ``people``, ``expressions``, ``takes``, ``lights``: who, what, when, in which light; all seeded.
- ``head``, ``soup``: the posed head as parts, and as one list of triangles.
- ``scan_fit``, ``scans``: identities, moves and folds of the ICT face model on the base mesh.
- ``valid_heads``, ``wear``, ``beard``: the VALID avatars; glasses and masks; where stubble grows.
- ``rig``: pinhole cameras.
- ``occlusion``, ``raster``, ``passes``, ``relight``: draws a head apart from light, shades it under
  any light map.
- ``cycles``: path-traces the same head with Blender.
- ``store``, ``render``: archives of takes that survive being interrupted.
- ``flow``: the same surface point in two views.
- ``triplets``: what training reads. It needs numpy and OpenCV only; start there.

Frames: vertices are in decimetres, x toward the person's left, y up, z toward where the person
faces. Pictures follow the project's conventions (RGB, pixel centres at integers).
"""
