"""itcho: an agent-based, stock-flow-consistent model of Japan's one-trillion-yen AI programme.

Placeholder
"""
