"""``meterpark doctor``: checks every step of the chain.

Comes in: the services' status, the broker's queues, and the answer of each door.
Goes out: a check per step (`check.Check`): fine, wrong with since when and a remedy, or not checked.
Must never be done here: fixing anything; calling a step fine that was not checked.

`reach` looks at the doors, `hops` judges what waits where, `queues` looks into the broker's queues, `park` at devices,
`identities` at their names; `examination` puts them in order.
"""
