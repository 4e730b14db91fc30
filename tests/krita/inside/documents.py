"""Documents that the tests work on; runs inside Krita, with or without a window."""

from krita import Krita
from qt import QtGui

krita = Krita.instance()
krita.setBatchmode(True)
SRGB = "sRGB-elle-V2-srgbtrc.icc"
LINEAR = "sRGB-elle-V2-g10.icc"
SPACES = {
    "rgb8": ("RGBA", "U8", SRGB),
    "rgb16": ("RGBA", "U16", SRGB),
    "adobe8": ("RGBA", "U8", "ClayRGB-elle-V2-g22.icc"),
    "float32": ("RGBA", "F32", SRGB),
    "linear32": ("RGBA", "F32", LINEAR),
    "gray8": ("GRAYA", "U8", "gray-D50-elle-V2-srgbtrc.icc"),
    "cmyk8": ("CMYKA", "U8", "Chemical proof"),
}


def photo_layer(document, path, name, above=None):
    """Add a picture as a paint layer, in the document's color space."""
    picture = QtGui.QImage(path).convertToFormat(QtGui.QImage.Format.Format_ARGB32)
    width, height = picture.width(), picture.height()
    data = picture.constBits()
    data.setsize(picture.sizeInBytes())
    return add_layer(document, bytes(data), (width, height), name, above)


def add_layer(document, bgra, size, name, above=None, place=(0, 0)):
    scratch = krita.createDocument(*size, "photo", "RGBA", "U8", SRGB, 72.0)
    node = scratch.createNode(name, "paintlayer")
    node.setPixelData(bgra, *place, *size)
    if color_space(document) != ("RGBA", "U8", SRGB):
        node.setColorSpace(*color_space(document))
    finished = node.duplicate()
    document.rootNode().addChildNode(finished, above)
    key = finished.uniqueId()
    del node, finished
    scratch.setModified(False)
    scratch.close()
    return document.nodeByUniqueID(key)


def empty_document(width, height, space=SPACES["rgb8"]):
    model, depth, profile = space
    if profile not in krita.profiles(model, depth):
        profile = sorted(krita.profiles(model, depth))[0]
    document = krita.createDocument(width, height, "sequence", model, depth, profile, 72.0)
    document.setBatchmode(True)
    for node in document.topLevelNodes():
        node.remove()
    return document


def sequence(pose, expression, space=SPACES["rgb8"]):
    """A document with a layer ``pose`` below and a hidden layer ``expression`` above."""
    picture = QtGui.QImage(pose)
    document = empty_document(picture.width(), picture.height(), space)
    below = photo_layer(document, pose, "pose")
    photo_layer(document, expression, "expression", below).setVisible(False)
    document.refreshProjection()
    document.waitForDone()
    return document


def burst(paths):
    """A document with a layer for each picture, the first on top, named by number from 1."""
    picture = QtGui.QImage(paths[0])
    document = empty_document(picture.width(), picture.height())
    for number in range(len(paths), 0, -1):
        photo_layer(document, paths[number - 1], f"photo {number}")
    document.refreshProjection()
    document.waitForDone()
    return document


def color_space(thing):
    return (thing.colorModel(), thing.colorDepth(), thing.colorProfile())


def on_image(document):
    """What the image shows, in its own color space."""
    document.refreshProjection()
    document.waitForDone()
    return bytes(document.pixelData(0, 0, document.width(), document.height()))


def pixels_of(data, box, space):
    """BGRA 16-bit sRGB samples of pixels in another color space, converted by Krita."""
    width, height = box[2:]
    scratch = krita.createDocument(width, height, "convert", *space, 72.0)
    node = scratch.createNode("convert", "paintlayer")
    node.setPixelData(data, 0, 0, width, height)
    node.setColorSpace("RGBA", "U16", SRGB)
    samples = bytes(node.pixelData(0, 0, width, height))
    scratch.setModified(False)
    scratch.close()
    return samples
