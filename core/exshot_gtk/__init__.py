"""Widgets of ExShot for editors with GTK 3. Nothing here knows which editor it is in."""
