"""Tries at breaking every door: command line, Python, files, folders, processes, machines.

``python -m tests.doors`` makes them all and writes the table of ``docs/doors.md``; the suite makes those that are quick
and holds the page against what they count.
"""
