"""Contact: whether readings prove that their device was heard, and when.

Only a value that came from the device now is a contact. ``qualities`` finds where a value came from,
``meter_readings`` reads the noun.

Must never be done here: keep a value; count a value as contact that was estimated, entered by hand or is missing.
"""

from iec_connector.understanding.contact.meter_readings import read_meter_readings

__all__ = ["read_meter_readings"]
