"""What an editor's own Python imports: standard library only, Python 3.9 and later.

`adapter` says what an editor must offer, `engine` starts the engine and talks to it, `session` is
a plug-in's logic without any toolkit, `texts` are what users read, `widgets` what every toolkit
needs. What both ends know lies below, in `exshot_contract`.
"""
