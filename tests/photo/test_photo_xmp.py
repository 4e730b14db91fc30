"""XMP of other programs survives, and cannot be used against us."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from photo.photo_samples import edit_of, smooth_pixels
from PIL import Image, PngImagePlugin

from exshot.image.geometry import Box
from exshot.photo import Photo, save_edit
from exshot.photo.xmp import digital_source_type, with_provenance

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
IPTC = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
XMP = "{http://ns.adobe.com/xap/1.0/}"
EVENT = "{http://ns.adobe.com/xap/1.0/sType/ResourceEvent#}"

EXISTING = b"""<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="uuid:1" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:tiff="http://ns.adobe.com/tiff/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 xmlns:GCamera="http://ns.google.com/photos/1.0/camera/"
 xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/"
 xmlns:stEvt="http://ns.adobe.com/xap/1.0/sType/ResourceEvent#"
 xmp:CreatorTool="Other 1.0" xmp:Rating="4" tiff:Orientation="6" GCamera:MotionPhoto="1"
 Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Caf\xc3\xa9 &amp; bar</rdf:li></rdf:Alt></dc:title>
<xmpMM:History><rdf:Seq><rdf:li stEvt:action="created"/></rdf:Seq></xmpMM:History>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""


def parsed(xmp: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(xmp.decode())


def test_what_others_wrote_is_kept_and_what_became_untrue_goes() -> None:
    text = with_provenance(EXISTING, "exprnet").decode()
    root = parsed(text.encode())
    assert "Café &amp; bar" in text
    assert 'xmp:Rating="4"' in text
    for gone in ("Other 1.0", "digitalCapture", "tiff:Orientation", "MotionPhoto"):
        assert gone not in text
    assert [e.text for e in root.iter(f"{IPTC}DigitalSourceType")] == [
        digital_source_type("exprnet")
    ]
    assert len(list(root.iter(f"{XMP}CreatorTool"))) == 1
    assert {e.get(f"{RDF}about") for e in root.iter(f"{RDF}Description")} == {"uuid:1"}
    steps = next(root.iter(f"{RDF}Seq"))
    assert steps[0].get(f"{EVENT}action") == "created"
    assert steps[1].findtext(f"{EVENT}action") == "edited"


def test_a_second_edit_says_the_same_once() -> None:
    twice = parsed(with_provenance(with_provenance(EXISTING, "warp"), "exprnet"))
    assert [e.text for e in twice.iter(f"{IPTC}DigitalSourceType")] == [
        digital_source_type("exprnet")
    ]
    assert len(next(twice.iter(f"{RDF}Seq"))) == 3


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp", ".heic"])
def test_xmp_survives_in_every_format(tmp_path: Path, suffix: str) -> None:
    Image.fromarray(smooth_pixels()).save(tmp_path / "in.jpg", xmp=EXISTING)
    photo = Photo.open(tmp_path / "in.jpg")
    assert (photo.width, photo.height) == (48, 64)  # its XMP says that it lies on its side
    save_edit(photo, edit_of(photo), tmp_path / f"out{suffix}")
    again = Photo.open(tmp_path / f"out{suffix}")
    assert again.origin is not None
    assert again.origin.xmp is not None
    assert "Café" in again.origin.xmp.decode()
    assert (again.width, again.height) == (48, 64)


@pytest.mark.parametrize(
    "hostile",
    [
        b'<!DOCTYPE x [<!ENTITY a "b">]>' + EXISTING,
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><rdf:RDF>&a;</rdf:RDF>',
        EXISTING.decode().encode("utf-16"),
        b"<a>" * 50_000,
        b"<a>" * 50_000 + b"</a>" * 50_000,
        EXISTING + b" " * (1 << 20),
        b"\xff\xfe\x00",
        b"not xml",
        b"<x/>",
        b"",
    ],
)
def test_packets_that_cannot_be_trusted_are_replaced(hostile: bytes) -> None:
    assert with_provenance(hostile, "warp") == with_provenance(None, "warp")


@given(st.binary(max_size=200), st.integers(0, len(EXISTING)))
def test_damaged_packets_still_give_a_sound_one(damage: bytes, place: int) -> None:
    damaged = EXISTING[:place] + damage + EXISTING[place + len(damage) :]
    root = parsed(with_provenance(damaged, "warp"))
    terms = [e.text for e in root.iter(f"{IPTC}DigitalSourceType")]
    assert terms == [digital_source_type("warp")]


REGIONS = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"
 xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#"
 xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#"
 xmlns:MPReg="http://ns.microsoft.com/photo/1.2/t/Region#">
<mwg-rs:Regions rdf:parseType="Resource">
<mwg-rs:AppliedToDimensions stDim:w="400" stDim:h="300" stDim:unit="pixel"/>
<mwg-rs:RegionList><rdf:Bag>
<rdf:li><rdf:Description mwg-rs:Name="Ann"><mwg-rs:Area stArea:x="0.2" stArea:y="0.3"
 stArea:w="0.1" stArea:h="0.05" stArea:unit="normalized"/></rdf:Description></rdf:li>
<rdf:li rdf:parseType="Resource"><mwg-rs:Area rdf:parseType="Resource"><stArea:x>0.2</stArea:x>
<stArea:y>0.3</stArea:y><stArea:w>0.1</stArea:w><stArea:h>0.05</stArea:h></mwg-rs:Area></rdf:li>
<rdf:li MPReg:Rectangle="0.15, 0.275, 0.1, 0.05"/>
</rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions></rdf:Description></rdf:RDF></x:xmpmeta>"""


@pytest.mark.parametrize("orientation", range(1, 9))
def test_face_regions_turn_with_the_picture(tmp_path: Path, orientation: int) -> None:
    stored = np.zeros((300, 400, 3), np.uint8)
    stored[90, 80] = 255  # the centre of the region
    exif = Image.Exif()
    exif[274] = orientation
    Image.fromarray(stored).save(tmp_path / "in.png", exif=exif, pnginfo=with_xmp(REGIONS))
    photo = Photo.open(tmp_path / "in.png")
    save_edit(photo, edit_of(photo, box=Box(0, 0, 2, 2)), tmp_path / "out.png")
    with Image.open(tmp_path / "out.png") as written:
        root = parsed(written.info["XML:com.adobe.xmp"].encode())
        y, x = (int(v[0]) for v in np.nonzero(np.asarray(written)[4:, 4:, 0] == 255))
        width, height = written.size
    area = "{http://ns.adobe.com/xmp/sType/Area#}"
    sides = ("0.05", "0.1") if orientation > 4 else ("0.1", "0.05")
    centres = [
        (float(e.get(f"{area}x", "0")), float(e.get(f"{area}y", "0")))
        for e in root.iter()
        if e.get(f"{area}x")
    ]
    centres += [
        (float(e.findtext(f"{area}x", "0")), float(e.findtext(f"{area}y", "0")))
        for e in root.iter()
        if e.findtext(f"{area}x")
    ]
    rectangle = "{http://ns.microsoft.com/photo/1.2/t/Region#}Rectangle"
    for element in root.iter():
        if element.get(rectangle):
            left, top, w, h = (float(v) for v in element.get(rectangle, "").split(","))
            centres.append((left + w / 2, top + h / 2))
    assert len(centres) == 3
    for cx, cy in centres:
        assert cx * width == pytest.approx(x + 4, abs=1.01)
        assert cy * height == pytest.approx(y + 4, abs=1.01)
    text = ElementTree.tostring(root, "unicode")
    assert f'w="{width}"' in text
    assert f':w="{sides[0]}"' in text
    assert f"{sides[1]}</" in text


def with_xmp(text: str) -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", text)
    return info
