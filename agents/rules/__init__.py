"""The decision rules that a policy can swap: one slot, one file.

A rule is a small frozen object that holds parameters only; what it remembers lives on the agent that follows it.
"""
