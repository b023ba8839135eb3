"""AI: capability, services and firms' books."""
