"""The agents: who decides.  Nothing here imports the world they act in."""
