"""Contact: whether readings prove that their device was heard, and when.

Only a value that came from the device now is a contact. ``qualities`` tells where a value came from,
``meter_readings`` reads the noun. No values are kept.
"""

from iec_connector.understanding.contact.meter_readings import read_meter_readings

__all__ = ["read_meter_readings"]
