"""Photos: decoding to sRGB pixels, and writing an edit back in the pose photo's own terms."""

from exshot.photo.encode import flatten, save_edit, save_layer
from exshot.photo.origin import Origin, PhotoLimits
from exshot.photo.picture import Photo

__all__ = ["Origin", "Photo", "PhotoLimits", "flatten", "save_edit", "save_layer"]
