"""What an editor's own Python imports: standard library only, Python 3.9 and later.

`client` starts the engine and talks to it, `session` is a plug-in's logic without any toolkit,
`protocol` holds the messages that both ends exchange.
"""
