/**
 * Ids of what is asked, one for each thing: a second click, or a try after a lost answer, has the same and changes
 * nothing more.
 */
export class RequestIds {
  private readonly ids = new Map<string, string>();

  of(asked: unknown): string {
    const key = JSON.stringify(asked);
    const id = this.ids.get(key) ?? crypto.randomUUID();
    this.ids.set(key, id);
    return id;
  }

  /** What was answered is over: asked once more, it is another request. */
  answered(asked: unknown): void {
    this.ids.delete(JSON.stringify(asked));
  }
}
