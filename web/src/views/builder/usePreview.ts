/** The live preview: the list of the draft as it is now, asked for when the user pauses. */
import { requestListener } from '../../api/client';
import { api } from '../../api/endpoints';
import type { PlaylistRecord, PlaylistRequestRecord } from '../../api/records';
import { useResource, type Resource } from '../../api/useResource';
import { playlists } from '../../playlists/api';
import { seeds, type SeedItem } from '../../state/seeds';
import { draft, previewRequest, seedKey, spread, type Draft } from './request';

const DELAY = 250; // milliseconds after the last change
const MOST = 50; // tracks of an album or an artist as seeds

export interface Previewed {
  request: PlaylistRequestRecord;
  playlist: PlaylistRecord;
}

/** Wait, unless the signal ends it: then it fails as an aborted request does. */
export const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new DOMException('aborted', 'AbortError'));
    });
  });

/** The tracks of seeds; those of albums and artists come from the server. */
export async function trackIdsOf(items: readonly SeedItem[], signal: AbortSignal): Promise<number[]> {
  const found = await Promise.all(
    items.map(async ({ kind, id }) =>
      kind === 'track' ? [id] : spread((await api.trackIds({ [kind]: id }, signal)).ids, MOST),
    ),
  );
  return [...new Set(found.flat())];
}

/** Whether there is anything to begin from. */
export const canPreview = ({ source }: Draft, plus: readonly SeedItem[]): boolean =>
  source === 'likes' || plus.length > 0;

export function usePreview(): Resource<Previewed | null> {
  const { request, source } = draft.value;
  const { plus, minus } = seeds.value;
  const used = source === 'seeds' ? plus : [];
  const wanted = canPreview(draft.value, plus);
  const key = wanted && JSON.stringify([request, used.map(seedKey), minus.map(seedKey), requestListener.value]);
  return useResource<Previewed | null>(key || 'nothing', async (signal) => {
    if (!wanted) return null;
    await pause(DELAY, signal);
    const [plusIds, minusIds] = await Promise.all([trackIdsOf(used, signal), trackIdsOf(minus, signal)]);
    const asked = previewRequest(draft.value, plusIds, minusIds);
    return { request: asked, playlist: await playlists.preview(asked, signal) };
  });
}
