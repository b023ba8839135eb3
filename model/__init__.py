"""The world that the agents act in: ledger, markets, graph, clock and the data they start from."""
