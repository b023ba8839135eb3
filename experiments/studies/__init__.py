"""Worked studies that come with the package; `itcho study run NAME` runs one."""
