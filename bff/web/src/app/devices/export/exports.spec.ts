import { failureOf } from '../../graph/failure';
import { afterFailure } from './exports';
import type { ExportProgress } from './exports';

const RUNNING: ExportProgress = { exportId: 'e1', state: 'RUNNING', rows: 7, total: 10, detail: '' };

describe('an export that cannot be asked for', () => {
  it('is cut when the server does not know it any more, and is not asked for again', () => {
    const unknown = failureOf([{ message: 'there is no such export in this session', extensions: { code: 'EXPORT_UNKNOWN' } }], 404);
    const after = afterFailure(RUNNING, unknown);
    expect(after.state).toBe('CUT');
    expect(after.detail).not.toBe('');
    expect(after.rows).toBe(7);
  });

  it('is what it was when only the answer did not come', () => {
    expect(afterFailure(RUNNING, failureOf([], 503))).toEqual(RUNNING);
    expect(afterFailure(RUNNING, failureOf([{ message: 'wait', extensions: { code: 'TOO_MANY_REQUESTS' } }], 429))).toEqual(RUNNING);
  });
});
