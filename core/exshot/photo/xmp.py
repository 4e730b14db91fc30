"""XMP: says in every exported file how the picture came about, and keeps what was there.

Source: XMP specification part 1 (ISO 16684-1), IPTC Photo Metadata Standard, digital source type.
"""

from __future__ import annotations

from xml.dom import minidom

from exshot.photo.xmp_regions import turn_regions
from exshot.version import __version__

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_META = "adobe:ns:meta/"
_XMP = "http://ns.adobe.com/xap/1.0/"
_XMP_MM = "http://ns.adobe.com/xap/1.0/mm/"
_XMP_NOTE = "http://ns.adobe.com/xmp/note/"
_EVENT = "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#"
_EXIF = "http://ns.adobe.com/exif/1.0/"
_TIFF = "http://ns.adobe.com/tiff/1.0/"
_IPTC_EXT = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_XMLNS = "http://www.w3.org/2000/xmlns/"

_SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_TRAINED = _SOURCE_TYPES + "compositeWithTrainedAlgorithmicMedia"
_CAPTURED = _SOURCE_TYPES + "compositeCapture"

# Written anew below, or untrue once the picture has been turned, edited and stored by us.
_REPLACED = {
    (_IPTC_EXT, "DigitalSourceType"),
    (_XMP, "CreatorTool"),
    (_XMP, "Thumbnails"),
    (_TIFF, "Orientation"),
    (_XMP_NOTE, "HasExtendedXMP"),
    # The file's own header tells its size; these would be those before it was turned.
    (_TIFF, "ImageWidth"),
    (_TIFF, "ImageLength"),
    (_EXIF, "PixelXDimension"),
    (_EXIF, "PixelYDimension"),
}
# They announce data (motion clip, depth, gain map) that our file does not carry.
_STALE_NAMESPACES = {
    "http://ns.google.com/photos/1.0/camera/",
    "http://ns.google.com/photos/1.0/container/",
    "http://ns.google.com/photos/1.0/depthmap/",
    "http://ns.google.com/photos/1.0/image/",
    "http://ns.adobe.com/hdr-gain-map/1.0/",
}
_LARGEST = 1 << 20  # bytes; a packet beyond this holds data, not metadata
_EMPTY = (
    f'<x:xmpmeta xmlns:x="{_META}"><rdf:RDF xmlns:rdf="{_RDF}">'
    '<rdf:Description rdf:about=""/></rdf:RDF></x:xmpmeta>'
)


def digital_source_type(method: str) -> str:
    """IPTC's term for a picture made with that method of `exshot.result.EditReport`."""
    return _CAPTURED if method == "warp" else _TRAINED


def with_provenance(xmp: bytes | None, method: str, *, turned: int = 1) -> bytes:
    """An XMP packet that names the digital source type and ExShot, merged into an existing one.

    ``turned`` is the EXIF orientation that was undone: face regions turn with the picture.

    A packet that cannot be read safely (not UTF-8, with a document type, over 1 MiB, damaged) is
    dropped.
    """
    tool = f"ExShot {__version__}"
    document = _parsed(xmp) or minidom.parseString(_EMPTY)
    rdf = document.getElementsByTagNameNS(_RDF, "RDF")[0]
    turn_regions(document, turned)
    for element in list(_children(rdf)):
        _drop_replaced(element)
    _drop_declarations(document)
    described = _add_description(document, rdf)
    _add_property(document, described, ("Iptc4xmpExt", _IPTC_EXT), "DigitalSourceType").appendChild(
        document.createTextNode(digital_source_type(method))
    )
    _add_property(document, described, ("xmp", _XMP), "CreatorTool").appendChild(
        document.createTextNode(tool)
    )
    _add_history(document, rdf, described, tool)
    body = document.documentElement.toxml()  # type: ignore[union-attr]
    packet = f'<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>{body}<?xpacket end="w"?>'
    return packet.encode()


def _parsed(xmp: bytes | None) -> minidom.Document | None:
    if not xmp or len(xmp) > _LARGEST:
        return None
    try:
        text = xmp.decode("utf-8").strip("\ufeff\0 \r\n\t")
        # Entities, and with them every attack by expansion, need a document type declaration.
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            return None
        document = minidom.parseString(text)
        if len(document.getElementsByTagNameNS(_RDF, "RDF")) != 1:
            return None
        document.toxml()
    except Exception:  # expat, Unicode and recursion errors alike: not a packet we can keep
        return None
    return document


def _children(element: minidom.Element) -> list[minidom.Element]:
    return [node for node in element.childNodes if isinstance(node, minidom.Element)]


def _drop_replaced(description: minidom.Element) -> None:
    for attribute in list(description.attributes.values()):
        if _is_replaced(attribute.namespaceURI, attribute.localName):
            description.removeAttributeNode(attribute)
    for element in _children(description):
        if _is_replaced(element.namespaceURI, element.localName):
            description.removeChild(element)


def _drop_declarations(document: minidom.Document) -> None:
    """Take out the names of stale namespaces, too, where nothing uses them any more."""
    elements = document.getElementsByTagName("*")
    used = {element.namespaceURI for element in elements}
    used |= {one.namespaceURI for element in elements for one in element.attributes.values()}
    for element in elements:
        for attribute in list(element.attributes.values()):
            stale = attribute.value in _STALE_NAMESPACES - used
            if attribute.namespaceURI == _XMLNS and stale:
                element.removeAttributeNode(attribute)


def _is_replaced(namespace: str | None, name: str | None) -> bool:
    return namespace in _STALE_NAMESPACES or (namespace, name) in _REPLACED


def _add_description(document: minidom.Document, rdf: minidom.Element) -> minidom.Element:
    """A new ``rdf:Description`` about the same thing as the others."""
    others = rdf.getElementsByTagNameNS(_RDF, "Description")
    about = others[0].getAttributeNS(_RDF, "about") if others else ""
    element = document.createElementNS(_RDF, "rdf:Description")
    _declare(element, "rdf", _RDF)
    element.setAttributeNS(_RDF, "rdf:about", about)
    rdf.appendChild(element)
    return element


def _declare(element: minidom.Element, prefix: str, namespace: str) -> None:
    element.setAttributeNS(_XMLNS, f"xmlns:{prefix}", namespace)


def _add_property(
    document: minidom.Document, parent: minidom.Element, space: tuple[str, str], name: str
) -> minidom.Element:
    prefix, namespace = space
    _declare(parent, prefix, namespace)
    element = document.createElementNS(namespace, f"{prefix}:{name}")
    parent.appendChild(element)
    return element


def _add_history(
    document: minidom.Document, rdf: minidom.Element, described: minidom.Element, tool: str
) -> None:
    steps = None
    for history in rdf.getElementsByTagNameNS(_XMP_MM, "History"):
        lists = history.getElementsByTagNameNS(_RDF, "Seq")
        steps = lists[0] if lists else None
    if steps is None:
        history = _add_property(document, described, ("xmpMM", _XMP_MM), "History")
        steps = document.createElementNS(_RDF, "rdf:Seq")
        _declare(steps, "rdf", _RDF)
        history.appendChild(steps)
    step = document.createElementNS(_RDF, "rdf:li")
    _declare(step, "rdf", _RDF)
    _declare(step, "stEvt", _EVENT)
    step.setAttributeNS(_RDF, "rdf:parseType", "Resource")
    for name, value in (("action", "edited"), ("softwareAgent", tool), ("changed", "/")):
        element = document.createElementNS(_EVENT, f"stEvt:{name}")
        element.appendChild(document.createTextNode(value))
        step.appendChild(element)
    steps.appendChild(step)
