"""Figures for papers: SVG and PNG, readable in print and by the colour-blind, in English or Japanese.

Each file draws one kind of figure from tables that a run or a study has already made; no economics is computed here.
"""
