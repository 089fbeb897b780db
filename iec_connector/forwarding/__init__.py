"""Reports on their way to the hub: batches, order per device, patience.

Comes in: parcels. Goes out: batches to the recorder; a verdict for each parcel.
Must never be done here: knowing what a report says; two reports of one device under way at once; losing one.
"""
