"""A plug-in's logic without any toolkit; `edit_session` is what a dialog or docker holds."""
