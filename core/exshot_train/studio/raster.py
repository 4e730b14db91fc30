"""Draws a head's passes with OpenGL (module ``moderngl``, through EGL, no display needed).

The passes hold what shading needs and nothing of the light, so one drawing serves any light map:
see `passes` and `relight`.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from exshot_train.studio.head import KINDS, Head, Part
from exshot_train.studio.occlusion import transfer
from exshot_train.studio.passes import Passes
from exshot_train.studio.rig import Camera
from exshot_train.studio.soup import Soup
from exshot_train.studio.textures import albedo_texture

try:
    import moderngl
except ImportError:  # pragma: no cover
    moderngl: Any = None

SUPERSAMPLING = 3
_SOLID = ("skin", "cloth", "eye", "teeth", "tongue", "hair", "rim", "mask")
_BLENDED = ("brow", "lash")
_NEAR, _FAR = 1.0, 400.0
_SHADOW_GRID = 320

_VERTEX = """
#version 330
uniform mat4 clip;
in vec3 place; in vec3 normal; in vec2 uv; in vec4 light0; in vec4 light1; in float light2;
in float number;
out vec3 v_normal; out vec2 v_uv; out vec4 v_light0; out vec4 v_light1; out float v_light2;
out float v_depth; flat out float v_number;
void main() {
    gl_Position = clip * vec4(place, 1.0);
    v_normal = normal; v_uv = uv; v_light0 = light0; v_light1 = light1; v_light2 = light2;
    v_depth = gl_Position.w; v_number = number;
}
"""
# Hair is kept by an ordered pattern over the 3 x 3 fragments of a pixel, so that its alpha
# becomes coverage; brows and lashes are blended over the albedo alone.
_PASSES = """
#version 330
uniform sampler2D picture; uniform int kind; uniform int ordered;
in vec3 v_normal; in vec2 v_uv; in vec4 v_light0; in vec4 v_light1; in float v_light2;
layout(location=0) out vec4 albedo; layout(location=1) out vec4 normal;
layout(location=2) out vec4 light0; layout(location=3) out vec4 light1;
layout(location=4) out vec4 other;
const float steps[9] = float[9](0.5, 0.06, 0.72, 0.83, 0.39, 0.17, 0.28, 0.94, 0.61);
vec3 linear(vec3 c) {
    return mix(c / 12.92, pow((c + 0.055) / 1.055, vec3(2.4)), step(0.04045, c));
}
void main() {
    vec4 c = texture(picture, v_uv);
    ivec2 p = ivec2(gl_FragCoord.xy) % 3;
    float limit = ordered == 1 ? steps[p.y * 3 + p.x] : 0.5;
    if (ordered != 2 && c.a < limit) discard;
    albedo = vec4(linear(c.rgb), ordered == 2 ? min(1.0, 1.5 * c.a) : 1.0);
    vec3 n = normalize(v_normal);
    normal = vec4(gl_FrontFacing ? n : -n, kind == 0 ? 1.0 : 0.0);
    light0 = v_light0; light1 = v_light1;
    float polished = kind == 2 || kind == 8 ? 1.0 : 0.0;
    other = vec4(v_light2, kind == 7 ? 1.0 : 0.0, polished, kind == 1 ? 1.0 : 0.0);
}
"""
_NUMBERS = """
#version 330
uniform sampler2D picture; uniform float least;
in vec2 v_uv; in float v_depth; flat in float v_number;
layout(location=0) out vec2 result;
void main() {
    if (texture(picture, v_uv).a < least) discard;
    result = vec2(v_number, v_depth);
}
"""
_GLASS = """
#version 330
in vec3 v_normal;
layout(location=0) out vec4 result;
void main() { result = vec4(normalize(v_normal), 1.0); }
"""
_OUTERMOST = """
#version 330
uniform sampler2D picture;
in vec2 v_uv; in float v_depth;
layout(location=0) out float result;
void main() {
    if (texture(picture, v_uv).a < 0.5) discard;
    result = v_depth;
}
"""
_ALONG = """
#version 330
uniform mat3 axes; uniform vec3 middle; uniform float extent;
in vec3 place; in vec2 uv;
out vec2 v_uv; out float v_depth;
void main() {
    vec3 p = axes * (place - middle);
    gl_Position = vec4(2.0 * p.xy / extent, -p.z / extent, 1.0);
    v_uv = uv; v_depth = p.z;
}
"""
_SCREEN = """
#version 330
void main() {
    gl_Position = vec4(vec2((gl_VertexID << 1) & 2, gl_VertexID & 2) * 2.0 - 1.0, 0.0, 1.0);
}
"""
_AVERAGE = """
#version 330
uniform sampler2D layers[5]; uniform int factor;
layout(location=0) out vec4 r0; layout(location=1) out vec4 r1; layout(location=2) out vec4 r2;
layout(location=3) out vec4 r3; layout(location=4) out vec4 r4;
void main() {
    r0 = r1 = r2 = r3 = r4 = vec4(0.0);
    ivec2 corner = ivec2(gl_FragCoord.xy) * factor;
    for (int y = 0; y < factor; y++) for (int x = 0; x < factor; x++) {
        ivec2 p = corner + ivec2(x, y);
        r0 += texelFetch(layers[0], p, 0); r1 += texelFetch(layers[1], p, 0);
        r2 += texelFetch(layers[2], p, 0); r3 += texelFetch(layers[3], p, 0);
        r4 += texelFetch(layers[4], p, 0);
    }
    float share = 1.0 / float(factor * factor);
    r0 *= share; r1 *= share; r2 *= share; r3 *= share; r4 *= share;
}
"""


def available() -> bool:
    """Whether an OpenGL context can be had on this machine."""
    if moderngl is None:
        return False
    try:
        moderngl.create_standalone_context(backend="egl").release()
    except Exception:  # drivers raise all sorts
        return False
    return True


class Rasteriser:
    """An OpenGL context with the studio's shaders; one per process, not shared by threads."""

    def __init__(self) -> None:
        self.gl = moderngl.create_standalone_context(backend="egl")
        self._passes = self.gl.program(vertex_shader=_VERTEX, fragment_shader=_PASSES)
        self._numbers = self.gl.program(vertex_shader=_VERTEX, fragment_shader=_NUMBERS)
        self._glass = self.gl.program(vertex_shader=_VERTEX, fragment_shader=_GLASS)
        self._along = self.gl.program(vertex_shader=_ALONG, fragment_shader=_OUTERMOST)
        average = self.gl.program(vertex_shader=_SCREEN, fragment_shader=_AVERAGE)
        average["layers"].value = tuple(range(5))  # pyright: ignore[reportAttributeAccessIssue]
        average["factor"].value = SUPERSAMPLING  # pyright: ignore[reportAttributeAccessIssue]
        self._average = self.gl.vertex_array(average, [])
        self._targets: dict[tuple[int, int, int, str], Any] = {}
        self._pictures: dict[tuple[str, str, tuple[float, ...]], Any] = {}

    def draw(self, head: Head, soup: Soup, camera: Camera, transfer: NDArray[np.float32]) -> Passes:
        """All passes of one view.

        Args:
            transfer: ``(n, 9)`` of the soup's vertices, see `occlusion.transfer`.
        """
        size = (camera.width, camera.height)
        fine = (size[0] * SUPERSAMPLING, size[1] * SUPERSAMPLING)
        buffer = self._upload(soup, transfer)
        layers = self._frame(fine, 5, "f2")
        layers.use()
        layers.clear()
        clip = clip_matrix(camera)
        self._draw_parts(self._passes, buffer, head, soup, clip, _SOLID)
        blend = self.gl.framebuffer([layers.color_attachments[0]], layers.depth_attachment)
        blend.use()
        self._draw_parts(self._passes, buffer, head, soup, clip, _BLENDED)
        small = self._frame(size, 5, "f4")
        small.use()
        for k, layer in enumerate(layers.color_attachments):
            layer.use(k)
        self.gl.disable(moderngl.DEPTH_TEST | moderngl.BLEND)
        self._average.render(vertices=3)
        maps = [self._read(small, k, 4, size) for k in range(5)]
        numbers = self._draw_numbers(buffer, head, soup, clip, size)
        blend.release()
        buffer.release()
        return _passes(maps, numbers)

    def kinds(self, head: Head, soup: Soup, camera: Camera) -> NDArray[np.uint8]:
        """What is nearest, brows included and lenses not, `SUPERSAMPLING` times as fine as passes.

        Returns:
            ``(3 h, 3 w)`` index into `head.KINDS`, 255 for nothing.
        """
        buffer = self._upload(soup, np.zeros((len(soup.vertices), 9), np.float32))
        fine = (camera.width * SUPERSAMPLING, camera.height * SUPERSAMPLING)
        frame = self._frame(fine, 1, "f4", components=2)
        frame.use()
        frame.clear(-1.0, 0.0)
        clip = clip_matrix(camera)
        for kinds, least in ((_SOLID, 0.5), (("brow",), 0.3)):
            self._numbers["least"].value = least  # pyright: ignore[reportAttributeAccessIssue]
            self._draw_parts(self._numbers, buffer, head, soup, clip, kinds)
        numbers = self._read(frame, 0, 2, fine)[..., 0].astype(np.int32)
        buffer.release()
        return np.append(soup.kinds, np.uint8(255))[numbers]

    def lenses(self, head: Head, soup: Soup, camera: Camera) -> NDArray[np.float32]:
        """Lenses of glasses where nothing hides them: `draw` leaves them out.

        Returns:
            ``(h, w, 4)``: unit normals in the studio frame times coverage, and coverage.
        """
        buffer = self._upload(soup, np.zeros((len(soup.vertices), 9), np.float32))
        fine = (camera.width * SUPERSAMPLING, camera.height * SUPERSAMPLING)
        frame = self._frame(fine, 1, "f4")
        frame.use()
        frame.clear()
        clip = clip_matrix(camera)
        frame.color_mask = False, False, False, False
        self._numbers["least"].value = 0.5  # pyright: ignore[reportAttributeAccessIssue]
        self._draw_parts(self._numbers, buffer, head, soup, clip, _SOLID)
        frame.color_mask = True, True, True, True
        self._draw_parts(self._glass, buffer, head, soup, clip, ("lens",))
        drawn = self._read(frame, 0, 4, fine)
        buffer.release()
        small = cv2.resize(drawn, (camera.width, camera.height), interpolation=cv2.INTER_AREA)
        return np.asarray(small, np.float32)

    def transfer(self, head: Head, soup: Soup, count: int = 80) -> NDArray[np.float32]:
        """Transfer vectors of a head's vertices, ``(n, 9)``: see `occlusion.transfer`."""
        buffer = self._upload(soup, np.zeros((len(soup.vertices), 9), np.float32))
        size = (_SHADOW_GRID, _SHADOW_GRID)
        frame = self._frame(size, 1, "f4", components=1)

        def nearest(axes: Any, middle: Any, extent: float) -> NDArray[np.float32]:
            frame.use()
            frame.clear(-1000.0)
            self._along["axes"].write(axes.T.astype("f4").tobytes())  # pyright: ignore
            self._along["middle"].value = tuple(middle)  # pyright: ignore
            self._along["extent"].value = extent  # pyright: ignore
            self._draw_parts(self._along, buffer, head, soup, None, _SOLID)
            return self._read(frame, 0, 1, size)[::-1, :, 0]

        result = transfer(soup, nearest, count)
        buffer.release()
        return result

    def _draw_numbers(
        self, buffer: Any, head: Head, soup: Soup, clip: Any, size: tuple[int, int]
    ) -> NDArray[np.float32]:
        frame = self._frame(size, 1, "f4", components=2)
        frame.use()
        frame.clear(-1.0, 0.0)
        self._numbers["least"].value = 0.5  # pyright: ignore[reportAttributeAccessIssue]
        self._draw_parts(self._numbers, buffer, head, soup, clip, _SOLID)
        return self._read(frame, 0, 2, size)

    def _draw_parts(
        self,
        program: Any,
        buffer: Any,
        head: Head,
        soup: Soup,
        clip: Any,
        kinds: tuple[str, ...],
    ) -> None:
        blended = kinds == _BLENDED
        self.gl.enable(moderngl.DEPTH_TEST)
        self.gl.disable(moderngl.CULL_FACE)
        if blended:
            self.gl.enable(moderngl.BLEND)
            self.gl.depth_mask = False  # pyright: ignore[reportAttributeAccessIssue]
            self.gl.blend_func = (  # the covered share stays whole
                moderngl.SRC_ALPHA, moderngl.ONE_MINUS_SRC_ALPHA,
                moderngl.ONE, moderngl.ONE_MINUS_SRC_ALPHA,
            )  # fmt: skip
        if clip is not None:
            program["clip"].write(clip.T.astype("f4").tobytes())
        names = [n for n in _LAYOUT if n in program]
        array = self.gl.vertex_array(program, [(buffer, _format(program), *names)])
        for part, (first, last) in zip(head.parts, soup.part_triangles, strict=True):
            if part.kind not in kinds:
                continue
            if "picture" in program:
                self._picture(part).use(0)
            if "kind" in program:
                program["kind"].value = KINDS.index(part.kind)
                program["ordered"].value = 2 if blended else 1 if part.kind == "hair" else 0
            array.render(vertices=3 * (last - first), first=3 * first)
        array.release()
        if blended:
            self.gl.disable(moderngl.BLEND)
            self.gl.depth_mask = True  # pyright: ignore[reportAttributeAccessIssue]

    def _upload(self, soup: Soup, transfer: NDArray[np.float32]) -> Any:
        corners = soup.triangles.ravel()
        numbers = np.repeat(np.arange(len(soup.triangles), dtype=np.float32), 3)
        rows = np.concatenate(
            [
                soup.vertices[corners],
                soup.normals[corners],
                soup.uv.reshape(-1, 2),
                transfer[corners],
                numbers[:, None],
            ],
            axis=1,
        )
        return self.gl.buffer(np.ascontiguousarray(rows, np.float32).tobytes())

    def _picture(self, part: Part) -> Any:
        hairs = part.stubble
        shade = (hairs.density, *hairs.color) if hairs else ()
        key = (part.kind, str(part.texture), (*part.tint, *shade))
        if key not in self._pictures:
            if len(self._pictures) > 24:  # a person needs eight
                self._pictures.pop(next(iter(self._pictures))).release()
            pixels = albedo_texture(part)[::-1]
            texture = self.gl.texture(
                (pixels.shape[1], pixels.shape[0]), 4, np.ascontiguousarray(pixels).tobytes()
            )
            texture.build_mipmaps()
            texture.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
            self._pictures[key] = texture
        return self._pictures[key]

    def _frame(self, size: tuple[int, int], count: int, dtype: str, components: int = 4) -> Any:
        key = (*size, count, f"{dtype}{components}")
        if key not in self._targets:
            colors = [self.gl.texture(size, components, dtype=dtype) for _ in range(count)]
            for color in colors:
                color.filter = (moderngl.NEAREST, moderngl.NEAREST)
            self._targets[key] = self.gl.framebuffer(colors, self.gl.depth_texture(size))
        return self._targets[key]

    def _read(
        self, frame: Any, k: int, components: int, size: tuple[int, int]
    ) -> NDArray[np.float32]:
        data = frame.read(components=components, attachment=k, dtype="f4")
        return np.frombuffer(data, np.float32).reshape(size[1], size[0], components)[::-1]


_LAYOUT = {"place": 3, "normal": 3, "uv": 2, "light0": 4, "light1": 4, "light2": 1, "number": 1}


def _format(program: Any) -> str:
    """The buffer's layout; what a program does not read is skipped as padding."""
    return " ".join(f"{n}f" if name in program else f"{4 * n}x" for name, n in _LAYOUT.items())


def clip_matrix(camera: Camera) -> NDArray[np.float64]:
    """``(4, 4)`` studio frame to OpenGL's clip space, pixel centres on integers."""
    view = np.eye(4)
    view[:3, :3] = camera.rotation
    view[:3, 3] = -camera.rotation @ camera.position
    depth = (_FAR + _NEAR) / (_FAR - _NEAR), -2 * _FAR * _NEAR / (_FAR - _NEAR)
    lens = np.zeros((4, 4))
    lens[0, 0] = 2 * camera.focal / camera.width
    lens[1, 1] = -2 * camera.focal / camera.height
    lens[2, 2:] = depth
    lens[3, 2] = 1.0
    return lens @ view


def _passes(maps: list[NDArray[np.float32]], numbers: NDArray[np.float32]) -> Passes:
    albedo, normal, light0, light1, other = maps
    return Passes(
        albedo=albedo[..., :3],
        coverage=albedo[..., 3],
        normal=normal[..., :3],
        transfer=np.concatenate([light0, light1, other[..., :1]], axis=2),
        skin=normal[..., 3],
        hair=other[..., 1],
        eye=other[..., 2],
        numbers=numbers[..., 0].astype(np.int32),
    )
