"""Sizes that neither end exceeds; both check them before memory is taken."""

MAX_HEADER = 256 * 1024
"""Bytes of a frame's JSON header."""
MAX_PAYLOAD = 1 << 30
"""Bytes of a frame's payload."""
MAX_INTEGER = (1 << 53) - 1
"""Largest whole number in a header: what JSON carries exactly everywhere."""
MAX_SIDE = 65_535
"""Pixels a side of a photo or mask."""
MAX_FACES = 64
"""Faces of one photo."""
MAX_PREVIEW = 2048
"""Pixels a side of a preview."""
MAX_THUMBNAIL = 256
"""Pixels a side of a face's small picture."""
