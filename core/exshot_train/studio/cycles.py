"""Renders a head with Blender's Cycles on the CPU (module ``bpy``, optional group ``studio``)."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exshot_train.studio.head import Head, Part
from exshot_train.studio.rig import SENSOR_MM, Camera
from exshot_train.studio.textures import albedo_texture

try:
    import bpy  # pyright: ignore[reportMissingImports]
except ImportError:  # pragma: no cover - the message is in `require_bpy`
    bpy: Any = None


@dataclass(frozen=True)
class CyclesSettings:
    """How much work one picture gets."""

    samples: int = 32
    threads: int = 1
    bounces: int = 4


def available() -> bool:
    """Whether Blender's module is installed."""
    return bpy is not None


def render(
    head: Head, camera: Camera, light: NDArray[np.float32], settings: CyclesSettings
) -> NDArray[np.float32]:
    """Path-trace one head before nothing.

    Args:
        light: ``(h, w, 3)`` linear radiance around the sitter, see `lights.read_light`.

    Returns:
        ``(height, width, 4)`` linear RGB multiplied by alpha, and alpha.
    """
    stage(head, light)
    return shoot(camera, settings)


def stage(head: Head, light: NDArray[np.float32]) -> None:
    """Put a head and its light into an empty scene."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    for part in head.parts:
        _add_part(part)
    light_up(light)


def shoot(camera: Camera, settings: CyclesSettings) -> NDArray[np.float32]:
    """Render the staged head from one camera; see `render` for what comes back."""
    _set_camera(camera)
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    cycles = scene.cycles
    cycles.device = "CPU"
    cycles.samples = settings.samples
    cycles.use_adaptive_sampling = True
    cycles.adaptive_threshold = 0.02
    cycles.use_denoising = True
    cycles.denoiser = "OPENIMAGEDENOISE"
    cycles.max_bounces = settings.bounces
    cycles.transparent_max_bounces = 24
    cycles.sample_clamp_indirect = 4.0
    cycles.caustics_reflective = cycles.caustics_refractive = False
    scene.render.film_transparent = True
    scene.render.threads_mode = "FIXED"
    scene.render.threads = settings.threads
    scene.render.use_persistent_data = True
    scene.render.resolution_x, scene.render.resolution_y = camera.width, camera.height
    scene.render.image_settings.file_format = "OPEN_EXR"
    scene.render.image_settings.color_mode = "RGBA"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "view.exr"
        scene.render.filepath = str(path)
        with _silenced():
            bpy.ops.render.render(write_still=True)
        image = bpy.data.images.load(str(path))
        pixels = np.empty(camera.width * camera.height * 4, np.float32)
        image.pixels.foreach_get(pixels)
        bpy.data.images.remove(image)
    return np.ascontiguousarray(pixels.reshape(camera.height, camera.width, 4)[::-1])


@contextmanager
def _silenced() -> Iterator[None]:
    """Nothing on the process's output: Blender prints a line there for every sample."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def _blender(points: NDArray[np.floating]) -> NDArray[np.float32]:
    """Studio frame (y up, z forward) to Blender's (z up, -y forward)."""
    return np.stack([points[:, 0], -points[:, 2], points[:, 1]], 1).astype(np.float32)


def _add_part(part: Part) -> None:
    mesh = bpy.data.meshes.new(part.name)
    quads = part.corners
    faces = [q[:3] if q[2] == q[3] else q for q in quads.tolist()]
    uv_faces = [
        u[:3] if q[2] == q[3] else u
        for q, u in zip(quads.tolist(), part.uv_corners.tolist(), strict=True)
    ]
    mesh.from_pydata(_blender(part.vertices).tolist(), [], faces)
    flat = np.array([index for face in uv_faces for index in face])
    mesh.uv_layers.new().data.foreach_set("uv", part.uv[flat].astype(np.float32).ravel())
    mesh.polygons.foreach_set("use_smooth", [True] * len(mesh.polygons))
    if part.relief is not None:
        mesh.normals_split_custom_set_from_vertices(_blender(part.normals()).tolist())
    mesh.materials.append(_material(part))
    body = bpy.data.objects.new(part.name, mesh)
    bpy.context.collection.objects.link(body)


def _material(part: Part) -> Any:
    material = bpy.data.materials.new(part.name)
    material.use_nodes = True
    tree = material.node_tree
    surface = tree.nodes["Principled BSDF"]
    image = tree.nodes.new("ShaderNodeTexImage")
    image.image = _image(part.name, np.divide(albedo_texture(part), 255, dtype=np.float32), "sRGB")
    tree.links.new(image.outputs["Color"], surface.inputs["Base Color"])
    _FINISH[part.kind](tree, surface, image)
    return material


def _image(name: str, pixels: NDArray[np.float32], space: str) -> Any:
    height, width = pixels.shape[:2]
    is_float = space != "sRGB"
    image = bpy.data.images.new(name, width, height, alpha=True, float_buffer=is_float)
    image.colorspace_settings.name = space
    image.alpha_mode = "STRAIGHT" if not is_float else "NONE"
    image.pixels.foreach_set(np.ascontiguousarray(pixels[::-1]).ravel())
    image.pack()
    return image


def _skin(tree: Any, surface: Any, _image_node: Any) -> None:
    """Skin with scattering, pores fixed to the surface, and an oily sheen that varies."""
    surface.inputs["Subsurface Weight"].default_value = 0.22
    surface.inputs["Subsurface Scale"].default_value = 0.05
    surface.inputs["Subsurface Radius"].default_value = (1.0, 0.36, 0.2)
    surface.inputs["Specular IOR Level"].default_value = 0.40
    uv = tree.nodes.new("ShaderNodeTexCoord").outputs["UV"]
    pores = tree.nodes.new("ShaderNodeTexNoise")
    pores.inputs["Scale"].default_value = 1500.0
    pores.inputs["Detail"].default_value = 2.0
    tree.links.new(uv, pores.inputs["Vector"])
    bump = tree.nodes.new("ShaderNodeBump")
    bump.inputs["Strength"].default_value = 0.12
    bump.inputs["Distance"].default_value = 0.01
    tree.links.new(pores.outputs["Fac"], bump.inputs["Height"])
    tree.links.new(bump.outputs["Normal"], surface.inputs["Normal"])
    sheen = tree.nodes.new("ShaderNodeTexNoise")
    sheen.inputs["Scale"].default_value = 60.0
    tree.links.new(uv, sheen.inputs["Vector"])
    span = tree.nodes.new("ShaderNodeMapRange")
    span.inputs["To Min"].default_value, span.inputs["To Max"].default_value = 0.36, 0.56
    tree.links.new(sheen.outputs["Fac"], span.inputs["Value"])
    tree.links.new(span.outputs["Result"], surface.inputs["Roughness"])


def _cloth(tree: Any, surface: Any, _image_node: Any) -> None:
    surface.inputs["Roughness"].default_value = 0.9
    surface.inputs["Specular IOR Level"].default_value = 0.15
    surface.inputs["Sheen Weight"].default_value = 0.15
    weave = tree.nodes.new("ShaderNodeTexNoise")
    weave.inputs["Scale"].default_value = 90.0
    bump = tree.nodes.new("ShaderNodeBump")
    bump.inputs["Strength"].default_value = 0.25
    bump.inputs["Distance"].default_value = 0.02
    tree.links.new(weave.outputs["Fac"], bump.inputs["Height"])
    tree.links.new(bump.outputs["Normal"], surface.inputs["Normal"])


def _eye(tree: Any, surface: Any, image: Any) -> None:
    """Eyeball under a clear cornea: the texture's transparent disc becomes glass that reflects."""
    surface.inputs["Roughness"].default_value = 0.3
    surface.inputs["Specular IOR Level"].default_value = 0.3
    clear = tree.nodes.new("ShaderNodeBsdfTransparent")
    gloss = tree.nodes.new("ShaderNodeBsdfGlossy")
    gloss.inputs["Roughness"].default_value = 0.05
    fresnel = tree.nodes.new("ShaderNodeFresnel")
    fresnel.inputs["IOR"].default_value = 1.38
    cornea = tree.nodes.new("ShaderNodeMixShader")
    tree.links.new(fresnel.outputs["Fac"], cornea.inputs["Fac"])
    tree.links.new(clear.outputs["BSDF"], cornea.inputs[1])
    tree.links.new(gloss.outputs["BSDF"], cornea.inputs[2])
    _mix_by_alpha(tree, surface, image, cornea.outputs["Shader"])


def _mix_by_alpha(tree: Any, surface: Any, image: Any, where_clear: Any) -> None:
    mix = tree.nodes.new("ShaderNodeMixShader")
    tree.links.new(image.outputs["Alpha"], mix.inputs["Fac"])
    tree.links.new(where_clear, mix.inputs[1])
    tree.links.new(surface.outputs["BSDF"], mix.inputs[2])
    tree.links.new(mix.outputs["Shader"], tree.nodes["Material Output"].inputs["Surface"])


def _wet(tree: Any, surface: Any, image: Any) -> None:
    surface.inputs["Roughness"].default_value = 0.22
    surface.inputs["Subsurface Weight"].default_value = 0.15
    surface.inputs["Subsurface Scale"].default_value = 0.02
    tree.links.new(image.outputs["Alpha"], surface.inputs["Alpha"])


def _hair(tree: Any, surface: Any, image: Any) -> None:
    surface.inputs["Roughness"].default_value = 0.5
    surface.inputs["Specular IOR Level"].default_value = 0.25
    tree.links.new(image.outputs["Alpha"], surface.inputs["Alpha"])


def _fine_hair(tree: Any, surface: Any, image: Any) -> None:
    surface.inputs["Roughness"].default_value = 0.8
    surface.inputs["Specular IOR Level"].default_value = 0.1
    tree.links.new(image.outputs["Alpha"], surface.inputs["Alpha"])


def _plastic(_tree: Any, surface: Any, _image_node: Any) -> None:
    surface.inputs["Roughness"].default_value = 0.15


def _lens(tree: Any, _surface: Any, image: Any) -> None:
    """A thin sheet: the tint lets light pass, both faces mirror; nothing is bent."""
    clear = tree.nodes.new("ShaderNodeBsdfTransparent")
    tree.links.new(image.outputs["Color"], clear.inputs["Color"])
    gloss = tree.nodes.new("ShaderNodeBsdfGlossy")
    gloss.inputs["Roughness"].default_value = 0.02
    fresnel = tree.nodes.new("ShaderNodeFresnel")
    fresnel.inputs["IOR"].default_value = 1.7  # stands for both faces
    sheet = tree.nodes.new("ShaderNodeMixShader")
    tree.links.new(fresnel.outputs["Fac"], sheet.inputs["Fac"])
    tree.links.new(clear.outputs["BSDF"], sheet.inputs[1])
    tree.links.new(gloss.outputs["BSDF"], sheet.inputs[2])
    tree.links.new(sheet.outputs["Shader"], tree.nodes["Material Output"].inputs["Surface"])


_FINISH = {
    "skin": _skin, "cloth": _cloth, "eye": _eye, "teeth": _wet, "tongue": _wet,
    "brow": _fine_hair, "lash": _fine_hair, "hair": _hair, "rim": _plastic, "lens": _lens,
    "mask": _cloth,
}  # fmt: skip


def light_up(light: NDArray[np.float32]) -> None:
    """Change the light of the staged head; see `render` for its form."""
    world = bpy.data.worlds.new("light")
    bpy.context.scene.world = world
    world.use_nodes = True
    texture = world.node_tree.nodes.new("ShaderNodeTexEnvironment")
    alpha = np.ones((*light.shape[:2], 1), np.float32)
    pixels = np.concatenate([light, alpha], 2).astype(np.float32)
    texture.image = _image("light", pixels, "Linear Rec.709")
    background = world.node_tree.nodes["Background"]
    world.node_tree.links.new(texture.outputs["Color"], background.inputs["Color"])


def _set_camera(camera: Camera) -> None:
    import mathutils  # pyright: ignore[reportMissingImports] - exists once bpy is loaded

    scene = bpy.context.scene
    if scene.camera is None:
        lens = bpy.data.cameras.new("camera")
        scene.camera = bpy.data.objects.new("camera", lens)
        bpy.context.collection.objects.link(scene.camera)
    lens = scene.camera.data
    lens.sensor_width = SENSOR_MM
    lens.sensor_fit = "HORIZONTAL"
    lens.lens = camera.focal * SENSOR_MM / camera.width
    right, down, forward = _blender(camera.rotation)
    matrix = np.eye(4)
    matrix[:3, :3] = np.stack([right, -down, -forward], 1)
    matrix[:3, 3] = _blender(camera.position[None])[0]
    scene.camera.matrix_world = mathutils.Matrix(matrix.tolist())
