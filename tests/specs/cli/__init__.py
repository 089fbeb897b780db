"""What the `meterpark` command shows, without and with services behind it.

The services here are small ones in memory, behind a real gRPC server: they keep the contract's promises about paging,
refusals and metadata, and nothing else.
"""
