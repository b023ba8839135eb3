"""Which model this is: a number that changes when, and only when, results do."""

from __future__ import annotations

MODEL_VERSION = 11
"""Version of the model: part of the key of every stored run, and of every manifest.

Raise it by one with any change that changes what a run gives by more than rounding, and say in ``CHANGELOG.md`` what
changed; ``tests/test_model_version.py`` holds a set of short runs against their stored figures and fails if that was
forgotten.  Leave it alone for everything else: runs of an unchanged model are not computed again because a command got
a new option.
"""
