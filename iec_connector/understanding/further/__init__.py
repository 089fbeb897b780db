"""Nouns that say something of a device beside the registry, its events and readings: orders, firmware, modules, places.

In comes a part of the message, out go statements and problems, as from the readers of the other nouns.

Must never be done here: take firmware that is ordered or loaded for the firmware that the device runs.
"""
