"""Answers to hand on: one page for a minister, why an effect is what it is, and a page to explore without a server."""
