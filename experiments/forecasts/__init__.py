"""Forecasts from past 31 Marches under a protocol that was written before anything was scored."""
