"""Evidence: responses, stylised facts, hindcasts, corridors."""
