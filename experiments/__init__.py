"""What people do with the economy: run it, compare policies, look at the results.

Imports `model` and `agents`; nothing there imports this package.
"""
