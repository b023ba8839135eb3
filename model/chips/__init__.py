"""Chips: the supply-chain graph, its tiers in business days, and the market."""
