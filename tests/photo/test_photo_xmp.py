"""XMP of other programs survives, and cannot be used against us."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from photo.photo_samples import edit_of, smooth_pixels
from PIL import Image

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
