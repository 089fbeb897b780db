import { NAMED_AT_MOST } from '../devices/selection/selection';
import type { JobItemsQuery, JobItemsQueryVariables } from '../graph/generated';
import { Pages } from '../parts/pages';

export type JobItemRow = NonNullable<JobItemsQuery['job']>['items']['edges'][number]['node'];

/** Return a job's devices or alarms with what became of each, in the order in which they are worked on. */
export function itemsOf(question: Pick<JobItemsQueryVariables, 'id' | 'outcomes'>, ask: (variables: JobItemsQueryVariables, signal: AbortSignal) => Promise<JobItemsQuery>): Pages<JobItemRow> {
  return new Pages<JobItemRow>(async (first, after, signal) => {
    const { job } = await ask({ ...question, first, after }, signal);
    return { rows: job?.items.edges.map((edge) => edge.node) ?? [], total: null, next: job?.items.pageInfo.hasNextPage ? job.items.pageInfo.endCursor : null };
  });
}

/** Return the ids of the devices on the pages that `ask` gives, at most as many as can be chosen by name. */
export async function failedDevices(ask: (after: string | null) => Promise<JobItemsQuery>): Promise<readonly string[]> {
  const ids: string[] = [];
  let after: string | null = null;
  do {
    const items: NonNullable<JobItemsQuery['job']>['items'] | undefined = (await ask(after)).job?.items;
    ids.push(...(items?.edges.map((edge) => edge.node.deviceId) ?? []));
    after = items?.pageInfo.hasNextPage ? items.pageInfo.endCursor : null;
  } while (after !== null && ids.length < NAMED_AT_MOST);
  return ids.slice(0, NAMED_AT_MOST);
}
