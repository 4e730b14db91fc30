"""What an editor and the engine agree on: below both, standard library only, Python 3.9 and later.

`messages` are what they exchange, `wire` how it travels, `options` the one table of an edit's
choices, `codes` the names of failures and warnings, `limits` the sizes that neither exceeds,
`paths` and `engine_command` where each finds what the other has put down.
"""
