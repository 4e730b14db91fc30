"""Face regions in XMP, turned together with the picture.

Programs store them for the picture as it lies in the file, before the EXIF orientation. Sources:
Metadata Working Group, Guidelines for Handling Image Metadata 2.0, section 5.9; Microsoft's People
tagging schema (MPRI).
"""

from __future__ import annotations

from xml.dom import minidom

AREA = "http://ns.adobe.com/xmp/sType/Area#"
DIMENSIONS = "http://ns.adobe.com/xap/1.0/sType/Dimensions#"
MP_REGION = "http://ns.microsoft.com/photo/1.2/t/Region#"
_TRANSPOSED = (5, 6, 7, 8)

Values = dict[str, float]


def turn_regions(document: minidom.Document, orientation: int) -> None:
    """Change every region as undoing that EXIF orientation changes the picture.

    Args:
        orientation: 1 to 8, as the file had it; 1 changes nothing.
    """
    if orientation == 1:
        return
    for element in document.getElementsByTagName("*"):
        area = _read(element, AREA, ("x", "y", "w", "h"))
        if area is not None and {"x", "y"} <= area.keys():
            _write(element, AREA, _turned_area(area, orientation))
        size = _read(element, DIMENSIONS, ("w", "h"))
        if size is not None and len(size) == 2 and orientation in _TRANSPOSED:
            _write(element, DIMENSIONS, {"w": size["h"], "h": size["w"]})
        _turn_rectangle(element, orientation)


def turned_point(x: float, y: float, orientation: int) -> tuple[float, float]:
    """Where a point of the stored picture lies in the upright one; both in shares of its sides."""
    if orientation in _TRANSPOSED:
        x, y = y, x
    if orientation in (2, 3, 6, 7):
        x = 1 - x
    if orientation in (3, 4, 7, 8):
        y = 1 - y
    return x, y


def _turned_area(area: Values, orientation: int) -> Values:
    x, y = turned_point(area["x"], area["y"], orientation)  # its centre
    turned = {**area, "x": x, "y": y}
    if orientation in _TRANSPOSED and {"w", "h"} <= area.keys():
        turned |= {"w": area["h"], "h": area["w"]}
    return turned


def _turn_rectangle(element: minidom.Element, orientation: int) -> None:
    """Microsoft's ``left, top, width, height``."""
    attribute = element.getAttributeNodeNS(MP_REGION, "Rectangle")
    text = attribute.value if attribute is not None else None
    if element.namespaceURI == MP_REGION and element.localName == "Rectangle":
        text = _text(element)
    if text is None:
        return
    try:
        left, top, width, height = (float(part) for part in text.split(","))
    except ValueError:
        return
    x, y = turned_point(left + width / 2, top + height / 2, orientation)
    if orientation in _TRANSPOSED:
        width, height = height, width
    turned = ", ".join(f"{v:.6g}" for v in (x - width / 2, y - height / 2, width, height))
    if attribute is not None:
        attribute.value = turned
    else:
        _set_text(element, turned)


def _read(element: minidom.Element, space: str, names: tuple[str, ...]) -> Values | None:
    """The numbers that an element holds, as attributes or as elements of their own."""
    found: Values = {}
    try:
        for name in names:
            attribute = element.getAttributeNodeNS(space, name)
            child = _child(element, space, name)
            if attribute is not None:
                found[name] = float(attribute.value)
            elif child is not None:
                found[name] = float(_text(child))
    except ValueError:
        return None
    return found or None


def _write(element: minidom.Element, space: str, values: Values) -> None:
    for name, value in values.items():
        text = f"{value:.9g}"
        attribute = element.getAttributeNodeNS(space, name)
        child = _child(element, space, name)
        if attribute is not None:
            attribute.value = text
        elif child is not None:
            _set_text(child, text)


def _child(element: minidom.Element, space: str, name: str) -> minidom.Element | None:
    for node in element.childNodes:
        if isinstance(node, minidom.Element) and (node.namespaceURI, node.localName) == (
            space,
            name,
        ):
            return node
    return None


def _text(element: minidom.Element) -> str:
    return "".join(node.data for node in element.childNodes if isinstance(node, minidom.Text))


def _set_text(element: minidom.Element, text: str) -> None:
    for node in list(element.childNodes):
        element.removeChild(node)
    document = element.ownerDocument
    assert document is not None
    element.appendChild(document.createTextNode(text))
