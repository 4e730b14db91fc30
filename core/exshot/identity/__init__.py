"""Who is who: a vector that is much the same in all photos of one person."""
