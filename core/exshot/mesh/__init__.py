"""Face mesh fitting: from the pixels of a photo to meshes, blendshapes and head poses."""
