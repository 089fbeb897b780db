"""The register's side of the hub: brings what the journal holds into smoc_service, and compares the two.

Comes in: commits, as the follower delivers them; the register's revisions, asked page by page.
Goes out: devices and timelines, by ProvisioningService, with the hub's own token; gaps, noted for the status.
Must never be done here: send what the journal does not hold; ask again without a pause; stop at one refused device.
"""
