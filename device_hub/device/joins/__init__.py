"""Two devices of the park that are one meter: an operator joins them, and may undo it.

One is kept, the other is joined into it. Both journals say so. From then on the joined one takes no reports (they go to
the kept one, see `Moved`), and the kept one is what both say: per facet and attribute the newest occurrence, whoever
reported it, so that a join never makes a value older. What the joined one was then travels with the event; a device
that was joined into others keeps what it is by itself (`Device.own`) beside the parts, so that:

    a device with parts  ==  what it is by itself, merged with its parts        (the law of `evolution.evolve`)

Undoing a join drops the part. Reports that came in between stay with the kept device: nobody can tell whose they were.
The joined device goes on as it was when it was joined.

Must never be done here: join two devices because of what reports say; decide by which of two reports came first.
"""
