/** Words of the contract as people read them, in their language. */
const WORDS: Readonly<Record<string, string>> = {
  NOT_DEFINED: $localize`Not defined`, INVENTORY: $localize`In stock`, INSTALLED: $localize`Installed`, DISCOVERED: $localize`Discovered`, IN_OPERATION: $localize`In operation`,
  UPDATE_IN_PROGRESS: $localize`Update in progress`, POOR_COMMUNICATION: $localize`Poor communication`, ERROR: $localize`Error`, REMOVED: $localize`Removed`, RETIRED: $localize`Retired`,
  ON: $localize`On`, OFF: $localize`Off`, PARTIAL: $localize`Partial`, UNKNOWN: $localize`Unknown`, CONNECTED: $localize`Connected`, DISCONNECTED: $localize`Disconnected`, ARMED: $localize`Armed`,
  REACHABLE: $localize`Reachable`, LOST: $localize`Lost`, CLEAR: $localize`Clear`, DETECTED: $localize`Detected`,
  CURRENT: $localize`:of a firmware that is in use@@currentFirmware:Current`, UPDATING: $localize`Updating`, FAILED: $localize`Failed`,
  CRITICAL: $localize`Critical`, MAJOR: $localize`Major`, WARNING: $localize`Warning`, INFO: $localize`Info`,
  OPEN: $localize`Open`, ACKNOWLEDGED: $localize`Acknowledged`, ASSIGNED: $localize`Assigned`, RESOLVED: $localize`Resolved`, WAITING: $localize`Waiting`,
  OPENED: $localize`Opened`, COMMENTED: $localize`Commented`, SNOOZED: $localize`Snoozed`, WOKEN: $localize`Woken`, JOINED: $localize`Joined`, PARTED: $localize`Parted`,
  PREPARING: $localize`Preparing`, RUNNING: $localize`Running`, PAUSED: $localize`Paused`, DONE: $localize`:of a job@@jobEnded:Done`, CANCELLED: $localize`Cancelled`,
  CAUSE_OVER: $localize`Cause over`, CAUSE_BACK: $localize`Cause back`,
};

/** Return a word of the contract as people write it: IN_OPERATION is "In operation". A new word is read as it is. */
export function spoken(word: string): string {
  if (Object.hasOwn(WORDS, word)) return WORDS[word] ?? word;
  const text = word.replaceAll('_', ' ').toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}
