"""What people do with the economy: run it, compare policies, look at the results.

Imports `model` and `agents`; nothing there imports this package.
"""

if __name__ != "itcho.experiments":
    raise ImportError("this is a part of the package itcho: import itcho.experiments")
