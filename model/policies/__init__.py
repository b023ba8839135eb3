"""Policies: six slots, each filled with one rule, bound before the first month.

The policies that come with the model are the ``*.toml`` files of this package; a user's own is a file of the same form
or a :class:`Policy` built in Python.  Changes at dates take effect at the start of their month.
"""

from __future__ import annotations

from itcho.model.policies.binding import put_in_force
from itcho.model.policies.files import POLICIES, policy
from itcho.model.policies.policy import SLOTS, DatedChange, Policy

__all__ = ["POLICIES", "SLOTS", "DatedChange", "Policy", "policy", "put_in_force"]
