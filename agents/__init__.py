"""The agents: who decides.  Nothing here imports the world they act in."""

if __name__ != "itcho.agents":
    raise ImportError("this is a part of the package itcho: import itcho.agents")
