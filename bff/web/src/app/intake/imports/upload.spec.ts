import { TestBed } from '@angular/core/testing';

import { SERVER } from '../../graph/server';
import { CHUNK_BYTES, Upload } from './upload';

const NAME = 'shipment.csv';
const MEBIBYTE = 1024 * 1024;

/** The register as the page sees it: the same piece again changes nothing, another one in its place is refused. */
class Imports {
  readonly pieces: string[] = [];
  received = 0;
  checked = 0;

  readonly answer = async (path: string, request?: RequestInit): Promise<Response> => {
    await Promise.resolve();
    if (path === '/page/session') return Response.json({ username: 'ingrid', roles: [], networks: ['*'], expiresAt: '', csrfToken: 'first' });
    const { operationName, variables } = JSON.parse(String(request?.body));
    if (operationName === 'CheckShipmentImport') {
      this.checked++;
      return Response.json({ data: { checkShipmentImport: { __typename: 'ShipmentImportChanged' } } });
    }
    const { offset, content } = variables as { offset: number; content: string };
    const piece = `${offset} ${content}`;
    if (!this.pieces.includes(piece)) {
      if (offset !== this.received) return Response.json({ data: { appendShipmentImportChunk: { __typename: 'ChunkOffsetWrong', offset: this.received, message: 'wrong offset' } } });
      this.pieces.push(piece);
      this.received += atob(content).length;
    }
    return Response.json({ data: { appendShipmentImportChunk: { __typename: 'ShipmentImportChanged', shipmentImport: { receivedBytes: this.received } } } });
  };

  /** What an upload had sent before the page was loaded again. */
  has(file: Uint8Array, pieces: number): void {
    for (let at = 0; at < pieces; at++) {
      const piece = file.subarray(at * CHUNK_BYTES, (at + 1) * CHUNK_BYTES);
      this.pieces.push(`${this.received} ${btoa(Array.from(piece, (byte) => String.fromCharCode(byte)).join(''))}`);
      this.received += piece.length;
    }
  }
}

function begun(): { imports: Imports; upload: Upload } {
  const imports = new Imports();
  TestBed.configureTestingModule({ providers: [{ provide: SERVER, useValue: imports.answer }] });
  return { imports, upload: TestBed.inject(Upload) };
}

function bytes(length: number, first: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length).fill(65).fill(first, 0, 1);
}

describe('an upload that goes on', () => {
  test('sends the file from its beginning, and what the register has is not taken twice', async () => {
    const { imports, upload } = begun();
    const file = bytes(MEBIBYTE + 7, 66);
    imports.has(file, 1);
    upload.resume('import-1', new File([file], NAME));
    await vi.waitUntil(() => imports.checked === 1, { timeout: 10_000 });
    expect(imports.received).toBe(file.length);
    expect(imports.pieces).toHaveLength(3);
    expect(upload.sending().size).toBe(0);
  });

  test('with another file of the same name and size is refused, and nothing of it is taken', async () => {
    const { imports, upload } = begun();
    imports.has(bytes(MEBIBYTE + 7, 66), 1);
    upload.resume('import-1', new File([bytes(MEBIBYTE + 7, 67)], NAME));
    await vi.waitUntil(() => imports.checked > 0 || upload.sending().get('import-1')?.failure, { timeout: 10_000 });
    expect(upload.sending().get('import-1')?.failure).toMatchObject({ kind: 'refused', message: expect.stringContaining('not the file that was begun') });
    expect(imports.received).toBe(CHUNK_BYTES);
    expect(imports.checked).toBe(0);
  });
});
