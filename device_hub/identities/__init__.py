"""Identities: which device a report means, by any of the device's names (docs/decisions/0030, 0038).

Comes in: well-formed reports, before they are grouped by device (`placing.Identities.place`).
Goes out: the same reports, each with its device's identifier, and with only those names that the device learns from
it; conflicts on a list for operators.
Never here: a merge of two existing devices (operators join them); a decision about what a report means; a query for a
report whose device is known (`stored.cache`).

The theory. An *identifier* is a scheme and a value. A *claim* says which device it belongs to; the claims are a
collection with a unique key, which arbitrates between replicas, and can be made again from the journal (`rebuild`).
A report finds its device by `rules.resolution`, and `rules.doubts` says what a person should know about it; both are
pure, and decide the same whether the claims are in memory or asked for (`placing`). What configurations, shipments and
linkages teach is claimed before the device takes its turn, so that an event right behind finds it; what was claimed and
then not committed is harmless: the report comes again.
"""
