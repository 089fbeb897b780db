"""Contact: whether readings prove that their device was heard, and when.

Only a value that came from the device now is a contact. ``qualities`` tells where a value came from,
``meter_readings`` reads the noun.

Must never be done here: keep a value; take for a contact what was estimated, entered by hand or is missing.
"""

from iec_connector.understanding.contact.meter_readings import read_meter_readings

__all__ = ["read_meter_readings"]
