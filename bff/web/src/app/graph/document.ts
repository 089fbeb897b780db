/** A question of the page: the bff knows its text by its hash, and runs no other. */
export interface Document<Result, Variables> {
  readonly name: string;
  readonly hash: string;
  /** Never there: it carries the types. */
  readonly types?: (variables: Variables) => Result;
}
