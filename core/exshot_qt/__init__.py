"""The dialog's contents for editors made with Qt: PyQt5 or PyQt6, whichever the editor brings.

`panel.Panel` shows a `exshot_host.session.view.View` and tells by signals what the user chose. Like
`exshot_host` it is copied into the plug-in: Python 3.9 and later, nothing else needed.
"""
