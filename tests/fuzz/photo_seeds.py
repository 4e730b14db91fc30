"""Sound small photos of a face, one for each make of file and kind of metadata block."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pillow_heif
import tifffile
from numpy.typing import NDArray
from PIL import Image, ImageCms, PngImagePlugin

DEMO = Path(__file__).resolve().parents[2] / "core/exshot/demo"
REFUSED = ("avif", "gif")  # formats that ExShot does not read


def seeds() -> dict[str, bytes]:
    """The files' contents by a name that says what they are."""
    pillow_heif.register_heif_opener()
    face = small_face()
    deep = face.astype(np.uint16) * np.uint16(257)
    plain = _pillow(face, "JPEG", quality=85)
    return {
        "jpeg": _pillow(face, "JPEG", exif=_exif(), icc_profile=_icc(), xmp=XMP, quality=85),
        "jpeg progressive": _pillow(face, "JPEG", progressive=True, exif=_exif()),
        "jpeg cmyk": _pillow(face, "JPEG", mode="CMYK"),
        "jpeg grey": _pillow(face, "JPEG", mode="L", exif=_exif()),
        "jpeg captions": _with_segments(plain, (0xED, _iptc()), (0xFE, b"a comment")),
        "jpeg thumbnail": _pillow(face, "JPEG", exif=_exif(thumbnail=plain[:6000])),
        "jpeg gain map": _with_gain_map(plain),
        "jpeg several": _pillow(face, "MPO", save_all=True, append_images=[_negative(face)]),
        "png": _pillow(face, "PNG", exif=_exif(), icc_profile=_icc(), pnginfo=_texts()),
        "png palette": _pillow(face, "PNG", mode="P", transparency=3),
        "png 16": _png16(deep),
        "png grey alpha 16": _png_grey_alpha_16(deep),
        "png interlaced": png_interlaced(face),
        "png animated": _pillow(face, "PNG", save_all=True, append_images=[_negative(face)]),
        "png signals": _with_chunk(_pillow(face, "PNG"), b"cICP", bytes((9, 16, 0, 1))),
        "png gamma": _with_chunk(
            _pillow(face, "PNG", mode="RGBA"), b"gAMA", struct.pack(">I", 45455)
        ),
        "png all chunks": _with_many_chunks(_pillow(face, "PNG", icc_profile=_icc())),
        "webp": _pillow(face, "WEBP", exif=_exif(), icc_profile=_icc(), xmp=XMP),
        "webp lossless": _pillow(face, "WEBP", mode="RGBA", lossless=True),
        "webp animated": _pillow(face, "WEBP", save_all=True, append_images=[_negative(face)]),
        "tiff": _pillow(face, "TIFF", exif=_exif(), icc_profile=_icc()),
        "tiff lzw": _pillow(face, "TIFF", compression="tiff_lzw"),
        "tiff jpeg": _pillow(face, "TIFF", compression="jpeg"),
        "tiff 16 tiles": _tiff(deep, tile=(64, 64), compression="zlib", predictor=True),
        "tiff planes": _tiff(deep.transpose(2, 0, 1), planarconfig="separate"),
        "tiff big": _tiff(face, bigtiff=True, compression="zlib"),
        "tiff big-endian": _tiff(deep, byteorder=">"),
        "tiff cmyk": _pillow(face, "TIFF", mode="CMYK", compression="tiff_adobe_deflate"),
        "tiff thumbnail": _thumbnailed(face),
        "heic": _pillow(face, "HEIF", exif=_exif(), xmp=XMP),
        "heic 10": _heic(deep, color_primaries=9, transfer_characteristics=16),
        "heic p3": _heic(deep[::2, ::2], color_primaries=12, transfer_characteristics=13),
        "heic several": _pillow(face, "HEIF", save_all=True, append_images=[_negative(face)]),
        "avif": _pillow(face, "AVIF", exif=_exif()),
        "gif": _pillow(face, "GIF", mode="P"),
    }


def small_face() -> NDArray[np.uint8]:
    picture = np.asarray(Image.open(DEMO / "expression.jpg").convert("RGB"))
    return cv2.resize(picture, (180, 240), interpolation=cv2.INTER_AREA)  # type: ignore[return-value]


def png_interlaced(pixels: NDArray[np.uint8]) -> bytes:
    """A PNG in Adam7's seven passes (PNG specification, section 8), which Pillow does not write."""
    height, width = pixels.shape[:2]
    rows = bytearray()
    for top, left, down, across in _ADAM7:
        for row in pixels[top::down, left::across]:
            rows += b"\0" + row.tobytes()
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 1)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows))), (b"IEND", b""))
    return _PNG + b"".join(_chunk(name, content) for name, content in chunks)


_PNG = b"\x89PNG\r\n\x1a\n"
_ADAM7 = (
    *((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4)),
    *((0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)),
)

XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF'
    b' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
    b' xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#" stArea:x="0.2" stArea:y="0.3"'
    b' stArea:w="0.1" stArea:h="0.1"/></rdf:RDF></x:xmpmeta>'
)
_GAIN_MAP_XMP = (
    b'http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF'
    b' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description'
    b' xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"'
    b' hdrgm:GainMapMax="2.3"/></rdf:RDF></x:xmpmeta>'
)


def _exif(*, thumbnail: bytes = b"") -> bytes:
    exif = Image.Exif()
    exif[271], exif[274] = "Maker", 6
    exif.get_ifd(0x8769).update(
        {0x9003: "2024:05:06 07:08:09", 0x9011: "+02:00", 0x9291: "25", 0x927C: b"note" * 20}
    )
    exif.get_ifd(0x8825)[1] = "N"
    block = exif.tobytes()
    if not thumbnail:
        return block
    # A second directory of three entries behind the first one, and the thumbnail behind that.
    order = "<" if block[6:8] == b"II" else ">"
    tiff = bytearray(block[6:])
    first = struct.unpack_from(order + "I", tiff, 4)[0]
    count = struct.unpack_from(order + "H", tiff, first)[0]
    struct.pack_into(order + "I", tiff, first + 2 + 12 * count, len(tiff))
    at = len(tiff) + 2 + 3 * 12 + 4
    entries = (
        (0x103, 3, 6 if order == "<" else 6 << 16),
        (0x201, 4, at),
        (0x202, 4, len(thumbnail)),
    )
    tiff += struct.pack(order + "H", 3)
    for tag, kind, value in entries:
        tiff += struct.pack(order + "HHII", tag, kind, 1, value)
    return b"Exif\0\0" + bytes(tiff) + bytes(4) + thumbnail


def _icc() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def _iptc() -> bytes:
    captions = b"".join(
        struct.pack(">BBBH", 0x1C, 2, number, len(text)) + text
        for number, text in ((5, b"A title"), (25, b"portrait"), (120, b"A caption" * 10))
    )
    block = b"8BIM" + struct.pack(">HHI", 0x0404, 0, len(captions)) + captions
    return b"Photoshop 3.0\0" + block + b"\0" * (len(captions) % 2)


def _with_segments(jpeg: bytes, *segments: tuple[int, bytes]) -> bytes:
    made = b"".join(
        b"\xff" + bytes((marker,)) + struct.pack(">H", len(content) + 2) + content
        for marker, content in segments
    )
    return jpeg[:2] + made + jpeg[2:]


def _with_gain_map(jpeg: bytes) -> bytes:
    gains = _pillow(small_face()[::4, ::4], "JPEG", mode="L")
    index = b"MPF\0MM\0*\0\0\0\x08\0\3" + b"".join(
        struct.pack(">HHI4s", tag, kind, count, value)
        for tag, kind, count, value in (
            (0xB000, 7, 4, b"0100"),
            (0xB001, 4, 1, struct.pack(">I", 2)),
            (0xB002, 7, 32, struct.pack(">I", 50)),
        )
    )
    entries = struct.pack(">IIIHH", 0x030000, len(jpeg), 0, 0, 0)
    entries += struct.pack(">IIIHH", 0, len(gains), len(jpeg), 0, 0)
    iso = b"urn:iso:std:iso:ts:21496:-1\0" + bytes(4)
    segments = ((0xE1, _GAIN_MAP_XMP), (0xE2, iso), (0xE2, index + bytes(4) + entries))
    return _with_segments(jpeg, *segments) + gains


def _texts() -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", XMP.decode(), zip=True)
    info.add_text("Comment", "text " * 50, zip=True)
    return info


def _pillow(pixels: NDArray[np.uint8], kind: str, *, mode: str = "RGB", **options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(file, kind, **options)
    return file.getvalue()


def _negative(pixels: NDArray[np.uint8]) -> Image.Image:
    return Image.fromarray(255 - pixels)


def _png16(pixels: NDArray[np.uint16]) -> bytes:
    return cv2.imencode(".png", pixels[..., ::-1])[1].tobytes()


def _png_grey_alpha_16(pixels: NDArray[np.uint16]) -> bytes:
    height, width = pixels.shape[:2]
    samples = np.dstack((pixels[..., 1], np.full((height, width), 0xFFFF, np.uint16)))
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples)
    header = struct.pack(">IIBBBBB", width, height, 16, 4, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return _PNG + b"".join(_chunk(name, content) for name, content in chunks)


def _chunk(name: bytes, content: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + checksum


def _with_chunk(data: bytes, name: bytes, content: bytes) -> bytes:
    return data[:33] + _chunk(name, content) + data[33:]


def _with_many_chunks(data: bytes) -> bytes:
    chunks = (
        (b"gAMA", struct.pack(">I", 100_000)),
        (b"cHRM", struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)),
        (b"sRGB", b"\0"),
        (b"cICP", bytes((12, 13, 0, 1))),
        (b"mDCV", bytes(24)),
        (b"cLLI", bytes(8)),
        (b"sBIT", b"\x08\x08\x08"),
        (b"pHYs", struct.pack(">IIB", 3937, 3937, 1)),
        (b"tIME", bytes((7, 232, 5, 6, 7, 8, 9))),
        (b"eXIf", _exif()[6:]),
        (b"tEXt", b"Author\0J\xfcrgen"),
        (b"zTXt", b"Comment\0\0" + zlib.compress(b"packed")),
        (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP),
    )
    for name, content in chunks:
        data = _with_chunk(data, name, content)
    return data


def _tiff(pixels: NDArray[np.generic], *, bigtiff: bool = False, **options: object) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, pixels, photometric="rgb", bigtiff=bigtiff, **options)  # type: ignore[arg-type]
    return file.getvalue()


def _thumbnailed(pixels: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        writer.write(
            np.ascontiguousarray(pixels[::8, ::8]), photometric="rgb", subifds=1, subfiletype=1
        )
        writer.write(pixels, photometric="rgb", subfiletype=0)
    return file.getvalue()


def _heic(
    pixels: NDArray[np.uint16], *, color_primaries: int, transfer_characteristics: int
) -> bytes:
    height, width = pixels.shape[:2]
    file = io.BytesIO()
    data = np.ascontiguousarray(pixels).tobytes()
    image = pillow_heif.from_bytes(mode="RGB;16", size=(width, height), data=data)
    image.save(
        file,
        color_primaries=color_primaries,
        transfer_characteristics=transfer_characteristics,
        matrix_coefficients=9,
        full_range_flag=1,
    )
    return file.getvalue()
