"""Goods, labour and incomes."""
