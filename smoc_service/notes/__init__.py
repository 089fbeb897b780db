"""Notes on devices: what people write down about a device, for each other.

Comes in: the words of a person, with the device that they are about.
Goes out: documents of the collection notes, and the notes of a device, newest first.
Must never be done here: change a note, or let it go with the device's document, which the hub may tell anew.
"""
