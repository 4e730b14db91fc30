"""Arrays of pixels, below everything else: boxes, crops, sampling, rasterising, whole files."""
