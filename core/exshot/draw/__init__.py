"""From two aligned photos to a patch: light, shading, teeth, own skin, blend, drawing."""
