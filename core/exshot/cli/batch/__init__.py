"""``exshot batch``: many edits from a list, on this computer or on a cluster.

The way of a list: `table` reads the file, `rows` makes a job of each line, `claims` makes sure that
no line writes what another line reads or writes, `plan` puts the lines into tasks, `drive` runs the
tasks on a pool (`threads` or `cluster`), each of them done by `work`, and `summary` tells the end.
"""
