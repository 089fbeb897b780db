"""What this version of the hub does with what a newer one wrote: it leaves the device to the newer one."""


class WrittenByNewerHub(Exception):
    """The journal holds something of this device that this version does not know: its turns are not taken here.

    During a rolling restart another process takes them. After a rollback they wait until the newer version is back.
    """
