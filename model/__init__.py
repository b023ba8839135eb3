"""The world that the agents act in: ledger, markets, graph, clock and the data they start from."""

if __name__ != "itcho.model":
    raise ImportError("this is a part of the package itcho: import itcho.model")
