import type { DevicesPageQuery, DevicesPageQueryVariables } from '../graph/generated';
import { Pages } from '../parts/pages';

export type DeviceRow = DevicesPageQuery['devices']['edges'][number]['node'];
export type Rows = Pages<DeviceRow>;
export type AskPage = (variables: DevicesPageQueryVariables, signal: AbortSignal) => Promise<DevicesPageQuery>;

/** Return the devices that answer `question`, in its order. */
export function rowsOf(question: Pick<DevicesPageQueryVariables, 'filter' | 'orderBy'>, ask: AskPage): Rows {
  return new Pages<DeviceRow>(async (first, after, signal) => {
    const { edges, pageInfo, totalCount } = (await ask({ ...question, first, after }, signal)).devices;
    return { rows: edges.map((edge) => edge.node), total: totalCount, next: pageInfo.hasNextPage ? pageInfo.endCursor : null };
  });
}
