"""What users read: the texts, their translations, the host library's own failures."""
