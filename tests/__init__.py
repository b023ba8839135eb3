"""The tests of itcho."""
