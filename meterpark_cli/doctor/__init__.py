"""``meterpark doctor``: every step of the chain, and whether it is well.

Comes in: what the services' status says, what the broker says of its queues, and a look at each door.
Goes out: a check per step (`check.Check`): fine, wrong with since when and a remedy, or not checked.
Must never be done here: fixing anything, calling a step fine that was not looked at.

`reach` looks at the doors, `hops` judges what waits where, `queues` looks into the broker's queues, `park` at devices,
`identities` at their names; `examination` puts them in order.
"""
