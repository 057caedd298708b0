/** The dialog that adds tracks to a saved playlist, or makes a new one of them; from every list of tracks. */
import { signal } from '@preact/signals';
import { requestListener } from '../api/client';
import { useResource } from '../api/useResource';
import { t } from '../i18n';
import { navigate } from '../router';
import type { MenuItem } from '../ui/Menu';
import { toast, toastError } from '../ui/toast';
import { playlists } from './api';
import { NameForm } from './NameForm';
import './playlists.css';

/** The tracks that the dialog is about; null while it is closed. */
export const addedTracks = signal<readonly number[] | null>(null);

export const addItem = (ids: readonly number[]): MenuItem => ({
  label: t('add-to-playlist'),
  icon: 'playlist',
  onSelect: () => {
    addedTracks.value = ids;
  },
});

/** Add the tracks that a playlist does not have yet, at its end; how many these are. */
export async function appendTo(id: number, ids: readonly number[]): Promise<number> {
  const before = (await playlists.open(id)).tracks.map((track) => track.id);
  const there = new Set(before);
  const fresh = [...new Set(ids)].filter((each) => !there.has(each));
  if (fresh.length > 0) await playlists.change(id, { track_ids: [...before, ...fresh] });
  return fresh.length;
}

export function AddToPlaylist() {
  const ids = addedTracks.value;
  return ids && <Form ids={ids} />;
}

function Form({ ids }: { ids: readonly number[] }) {
  const found = useResource(`playlists ${requestListener.value ?? ''}`, (signal) => playlists.list(signal));
  const close = (): void => {
    addedTracks.value = null;
  };
  const opening = (id: number) => ({
    action: { label: t('save-open'), run: () => navigate(`playlists/${id}`) },
  });
  const add = async (id: number, name: string): Promise<void> => {
    try {
      const n = await appendTo(id, ids);
      toast(n > 0 ? t('add-to-playlist-done', { n, name }) : t('add-to-playlist-there', { name }), opening(id));
      close();
    } catch (error) {
      toastError(error);
    }
  };
  return (
    <NameForm
      title={t('add-to-playlist')}
      label={t('add-to-playlist-new')}
      name=""
      onClose={close}
      onSave={async (name) => {
        const { id } = await playlists.add(name, { track_ids: ids });
        toast(t('save-done', { name }), opening(id));
      }}
    >
      <p class="muted">{t('n-tracks', { n: ids.length })}</p>
      {found.data && found.data.items.length > 0 && (
        <ul class="playlist-choice" aria-label={t('add-to-playlist-saved')}>
          {found.data.items.map(({ id, name, n_tracks }) => (
            <li key={id}>
              <button type="button" onClick={() => void add(id, name)}>
                <bdi>{name}</bdi> <small class="muted">{t('n-tracks', { n: n_tracks })}</small>
              </button>
            </li>
          ))}
        </ul>
      )}
    </NameForm>
  );
}
