"""How a backup or a restore can end without having been done."""


class BackupFailed(Exception):
    """Nothing was made, or nothing was changed, or a restore stays marked as half; the text is for the operator."""
