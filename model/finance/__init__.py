"""Finance: currency, bonds, equities, their sessions, portfolios and revaluation."""
