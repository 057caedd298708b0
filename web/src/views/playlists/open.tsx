/** One saved playlist: its tracks, and what one can do with it. */
import { useEffect, useState } from 'preact/hooks';
import { api } from '../../api/endpoints';
import { requestListener } from '../../api/client';
import { useResource } from '../../api/useResource';
import { formatLength, t } from '../../i18n';
import { useTitle } from '../../layout/useTitle';
import { navigate, to, type ViewProperties } from '../../router';
import { playlists, type OpenPlaylist } from '../../playlists/api';
import { listMenu } from '../../playlists/menus';
import { NameForm } from '../../playlists/NameForm';
import { moved } from '../../playlists/order';
import { PlaylistRows } from '../../playlists/PlaylistRows';
import { PlayAll } from '../../tracks/ListHead';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { Icon } from '../../ui/Icon';
import { MenuButton } from '../../ui/Menu';
import { Picker, type Hit } from '../../ui/Picker';
import { EmptyState, ErrorState, Loading } from '../../ui/states';
import { toast, toastError } from '../../ui/toast';
import './playlists.css';

const ADDED = 10; // tracks of an extension

export default function Opened({ parameters }: ViewProperties) {
  const id = Number(parameters.id);
  const found = useResource(`${id} ${requestListener.value ?? ''}`, (signal) => playlists.open(id, signal));
  const [playlist, setPlaylist] = useState<OpenPlaylist | null>(null);
  useEffect(() => setPlaylist(found.data), [found.data]);
  useTitle(playlist?.name ?? t('playlists-title'));
  if (found.state === 'failed') {
    return (
      <>
        <header class="view-head">
          <h1>{t('playlists-title')}</h1>
        </header>
        <ErrorState error={found.error} onRetry={found.reload} />
      </>
    );
  }
  if (!playlist) return <Loading rows={10} />;
  return <Content playlist={playlist} onChange={setPlaylist} />;
}

interface ContentProperties {
  playlist: OpenPlaylist;
  onChange: (playlist: OpenPlaylist) => void;
}

function Content({ playlist, onChange }: ContentProperties) {
  const [dialog, setDialog] = useState<'rename' | 'delete' | null>(null);
  const [busy, setBusy] = useState(false);
  const [spoken, setSpoken] = useState('');
  const { id, name, tracks, request } = playlist;
  const ids = tracks.map((each) => each.id);

  /** Show a change at once; the server's answer, or the list before, follows. */
  const store = async (next: OpenPlaylist['tracks']): Promise<boolean> => {
    onChange({ ...playlist, tracks: next });
    try {
      await playlists.change(id, { track_ids: next.map((each) => each.id) });
      return true;
    } catch (error) {
      onChange(playlist);
      toastError(error);
      return false;
    }
  };
  const undo = { action: { label: t('undo'), run: () => void store(tracks) } };
  const run = async (action: () => Promise<void>): Promise<void> => {
    setBusy(true);
    try {
      await action();
    } catch (error) {
      toastError(error);
    } finally {
      setBusy(false);
    }
  };
  const refresh = async (): Promise<void> => {
    onChange(await playlists.refresh(id));
    toast(t('playlist-refreshed'), undo);
  };
  const extend = async (): Promise<void> => {
    const { tracks: more } = await playlists.extend(ids, ADDED);
    if (more.length === 0) {
      toast(t('playlist-nothing-fits'));
      return;
    }
    await append(more.map((each) => each.id));
  };
  const append = async (added: readonly number[]): Promise<void> => {
    onChange(await playlists.change(id, { track_ids: [...ids, ...added] }));
    toast(t('playlist-extended', { n: added.length }), undo);
  };
  const add = async ({ kind, id: found }: Hit): Promise<void> =>
    append(kind === 'track' ? [found] : (await api.trackIds({ [kind]: found })).ids);
  const remove = async (index: number): Promise<void> => {
    const removed = tracks[index];
    if (!removed) return;
    if (await store(tracks.filter((_, place) => place !== index))) {
      toast(t('playlist-removed', { name: removed.title }), undo);
    }
  };

  return (
    <>
      <header class="view-head">
        <div>
          <h1>
            <bdi>{name}</bdi>
          </h1>
          <p class="muted">
            {t('n-tracks', { n: tracks.length })} · {formatLength(tracks.reduce((sum, each) => sum + each.duration, 0))}
          </p>
        </div>
        <PlayAll ids={ids} />
        {request !== null && (
          <Button icon="jobs" disabled={busy} onClick={() => void run(refresh)}>
            {t('playlist-refresh')}
          </Button>
        )}
        {request !== null && (
          <Button icon="edit" onClick={() => navigate(to('builder', { playlist: id }))}>
            {t('playlist-edit')}
          </Button>
        )}
        {ids.length > 0 && (
          <Button icon="plus" disabled={busy} onClick={() => void run(extend)}>
            {t('playlist-extend')}
          </Button>
        )}
        <MenuButton
          label={t('actions')}
          items={[
            { label: t('playlist-rename'), icon: 'edit', onSelect: () => setDialog('rename') },
            ...(ids.length > 0 ? listMenu(ids, name) : []),
            {
              label: t('playlist-delete'),
              icon: 'trash',
              danger: true,
              separated: true,
              onSelect: () => setDialog('delete'),
            },
          ]}
        >
          <Icon name="more" />
        </MenuButton>
      </header>
      <span class="visually-hidden" aria-live="polite">
        {spoken}
      </span>
      <div class="playlist-add">
        <Picker label={t('playlist-add')} onPick={(hit) => void run(() => add(hit))} />
      </div>
      {tracks.length === 0 ? (
        <EmptyState icon="playlist" title={t('playlist-empty-title')}>
          <p>{t('playlist-empty-text')}</p>
        </EmptyState>
      ) : (
        <div class="open-playlist">
          <p class="muted">
            {request !== null && t('playlist-refresh-about')} <span class="key-hint">{t('playlist-keys')}</span>
          </p>
          <PlaylistRows
            label={t('playlist-list', { name })}
            tracks={tracks}
            removeLabel={(title) => t('remove-named', { name: title })}
            onRemove={(index) => void remove(index)}
            onMove={(from, to) => {
              setSpoken(t('list-moved', { name: tracks[from]?.title ?? '', n: to + 1 }));
              void store(moved(tracks, from, to));
            }}
          />
        </div>
      )}
      {dialog === 'rename' && (
        <NameForm
          title={t('playlist-rename')}
          name={name}
          onClose={() => setDialog(null)}
          onSave={async (given) => onChange(await playlists.change(id, { name: given }))}
        />
      )}
      {dialog === 'delete' && <Confirm playlist={playlist} onClose={() => setDialog(null)} />}
    </>
  );
}

function Confirm({ playlist, onClose }: { playlist: OpenPlaylist; onClose: () => void }) {
  const { id, name, tracks } = playlist;
  const remove = async (): Promise<void> => {
    try {
      await playlists.remove(id);
      toast(t('playlist-deleted', { name }));
      navigate('playlists', { replace: true });
    } catch (error) {
      toastError(error);
      onClose();
    }
  };
  return (
    <Dialog
      title={t('playlist-delete-title', { name })}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button kind="danger" icon="trash" onClick={() => void remove()}>
            {t('playlist-delete')}
          </Button>
        </>
      }
    >
      <p>{t('playlist-delete-text', { n: tracks.length })}</p>
    </Dialog>
  );
}
