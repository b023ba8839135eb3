"""The decision rules that a policy can swap: one slot, one base class; one concept, one file.

A rule is a small frozen object that holds parameters only; what it remembers lives on the agent that follows it.  A
class that derives from a slot's base class is known by its name once its file is imported, and every file in this
folder is.  See ``docs/adding_a_rule.md``.
"""
