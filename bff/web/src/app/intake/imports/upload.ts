import { Injectable, inject, signal } from '@angular/core';

import { Failure, asFailure } from '../../graph/failure';
import { Graph } from '../../graph/graph';
import { askAppendShipmentImportChunk, askCheckShipmentImport, askCreateShipmentImport } from '../../graph/generated';
import { refusalText } from '../../graph/refusal';
import { whole } from '../../parts/numbers';

export const CHUNK_BYTES = 512 * 1024;
/** What the register takes (contract_limits). It is asked anyway: this only saves the person the wait. */
export const MOST_BYTES = 32 * 1024 * 1024;

export interface Sending {
  readonly importId: string;
  readonly sent: number;
  readonly all: number;
  readonly failure: Failure | null;
}

/** Sends files of shipments in parts. It goes on while the person looks at another view; after a reload the file is asked for again. */
@Injectable({ providedIn: 'root' })
export class Upload {
  private readonly graph = inject(Graph);
  private readonly files = new Map<string, File>();
  private readonly state = signal<ReadonlyMap<string, Sending>>(new Map());
  readonly sending = this.state.asReadonly();

  /**
   * Begin an import of `file` and return its id; the parts are sent from then on.
   *
   * @throws Failure when the register does not begin one.
   */
  async begin(file: File, requestId: string): Promise<string> {
    if (!file.size) throw new Failure('refused', $localize`The file is empty.`);
    if (file.size > MOST_BYTES) throw new Failure('refused', $localize`The file is larger than 32 MiB. Divide it; each part needs the line of names.`);
    const answer = (await this.graph.ask(askCreateShipmentImport, { requestId, fileName: file.name.slice(0, 200) })).createShipmentImport;
    if (answer.__typename !== 'ShipmentImportChanged') throw new Failure('refused', refusalText(answer));
    const { importId } = answer.shipmentImport;
    this.resume(importId, file);
    return importId;
  }

  /**
   * Send `file` from its beginning, and then have it checked. The register knows the pieces that it has, and takes none
   * twice; a file that differs in one of them is another file, whatever its name and size, and is refused.
   */
  resume(importId: string, file: File): void {
    if (this.files.has(importId)) return;
    this.files.set(importId, file);
    void this.send(importId, file)
      .catch((error: unknown) => this.note({ importId, sent: this.state().get(importId)?.sent ?? 0, all: file.size, failure: asFailure(error) }))
      .finally(() => this.files.delete(importId));
  }

  private async send(importId: string, file: File): Promise<void> {
    this.note({ importId, sent: 0, all: file.size, failure: null });
    for (let offset = 0; offset < file.size; offset += CHUNK_BYTES) {
      const piece = file.slice(offset, offset + CHUNK_BYTES);
      const answer = (await this.graph.ask(askAppendShipmentImportChunk, { importId, offset, content: await base64(piece) })).appendShipmentImportChunk;
      if (answer.__typename === 'ChunkOffsetWrong') {
        throw new Failure('refused', $localize`This is not the file that was begun: its content differs from byte ${whole(offset)}:offset: on. Choose that file, or cancel this import.`);
      }
      if (answer.__typename !== 'ShipmentImportChanged') throw new Failure('refused', refusalText(answer));
      this.note({ importId, sent: offset + piece.size, all: file.size, failure: null });
    }
    const checked = (await this.graph.ask(askCheckShipmentImport, { importId })).checkShipmentImport;
    if ('message' in checked) throw new Failure('refused', refusalText(checked));
    this.forget(importId);
  }

  private note(sending: Sending): void {
    this.state.update((before) => new Map(before).set(sending.importId, sending));
  }

  private forget(importId: string): void {
    this.state.update((before) => { const after = new Map(before); after.delete(importId); return after; });
  }
}

/** Return the bytes of a piece of a file as base64 (RFC 4648). */
export async function base64(piece: Blob): Promise<string> {
  const bytes = new Uint8Array(await piece.arrayBuffer());
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}
