/** The list of the draft: what it has, what could not be met, and what one can do with it. */
import { useState } from 'preact/hooks';
import type { Problem } from '../../api/client';
import type { Resource } from '../../api/useResource';
import type { TrackRecord } from '../../api/records';
import { formatLength, t } from '../../i18n';
import { player } from '../../player/interface';
import { navigate } from '../../router';
import { playlists } from '../../playlists/api';
import { listMenu } from '../../playlists/menus';
import { PlaylistRows } from '../../playlists/PlaylistRows';
import { Unmet } from '../../playlists/Unmet';
import { addSeeds, seeds } from '../../state/seeds';
import { Button } from '../../ui/Button';
import { Icon } from '../../ui/Icon';
import { MenuButton } from '../../ui/Menu';
import { EmptyState, ErrorState, Loading, ProblemLines } from '../../ui/states';
import { toast, toastError } from '../../ui/toast';
import { CurveChart } from './Curves';
import type { Previewed } from './usePreview';
import { change, draft } from './request';
import { SaveDialog } from './SaveDialog';

const SEEDS_DRAWN = 999_999; // as the server draws them: short enough to type

export const shownTracks = (found: Previewed | null): TrackRecord[] =>
  found?.playlist.tracks.filter(({ id }) => !draft.value.leftOut.includes(id)) ?? [];

export const lengthOf = (tracks: readonly TrackRecord[]): string =>
  formatLength(tracks.reduce((sum, { duration }) => sum + duration, 0));

export function Preview({ found }: { found: Resource<Previewed | null> }) {
  const [active, setActive] = useState<number | null>(null);
  const [saving, setSaving] = useState(false);
  const { leftOut, editing, source, request } = draft.value;
  const { data } = found;
  const tracks = shownTracks(data);
  const ids = tracks.map(({ id }) => id);
  const hidden = (data?.playlist.tracks.length ?? 0) - tracks.length;
  const music = player.value;
  const name = editing?.name ?? suggestedName();

  const leaveOut = (id: number): void => {
    draft.value = { ...draft.value, leftOut: [...leftOut, id] };
  };
  const saveChanges = async (): Promise<void> => {
    if (!editing || !data) return;
    try {
      await playlists.change(editing.id, { request: data.request, track_ids: ids });
      toast(t('save-done', { name: editing.name }));
      navigate(`playlists/${editing.id}`);
    } catch (error) {
      toastError(error);
    }
  };

  const busy = found.state === 'loading';
  return (
    <section id="preview" class="preview" aria-label={t('preview-title')} aria-busy={busy}>
      <header class="preview-head">
        <div>
          <h2>{t('preview-title')}</h2>
          <p class="muted" role="status">
            {busy && (data || source === 'likes' || seeds.value.plus.length > 0)
              ? t('preview-making')
              : ids.length > 0 && `${t('n-tracks', { n: ids.length })} · ${lengthOf(tracks)}`}
          </p>
        </div>
        {ids.length > 0 && (
          <div class="preview-actions">
            {music && (
              <Button icon="play" onClick={() => music.play(ids)}>
                {t('play-all')}
              </Button>
            )}
            <Button icon="shuffle" onClick={() => change({ seed: 1 + Math.floor(Math.random() * SEEDS_DRAWN) })}>
              {t('preview-again')}
            </Button>
            <Button
              kind="primary"
              icon="check"
              disabled={found.state !== 'ready'}
              onClick={() => (editing ? void saveChanges() : setSaving(true))}
            >
              {editing ? t('preview-save-changes') : t('preview-save')}
            </Button>
            <MenuButton label={t('actions')} items={listMenu(ids, name)}>
              <Icon name="more" />
            </MenuButton>
          </div>
        )}
      </header>
      {found.state === 'failed' && data ? (
        <div class="notice notice-error" role="alert">
          <Icon name="warning" size={18} />
          <div>
            <ProblemLines problem={found.error} />
            <p class="muted">{t('preview-update-failed')}</p>
          </div>
          <Button onClick={found.reload}>{t('retry')}</Button>
        </div>
      ) : (
        found.state === 'failed' && <Failed error={found.error} onRetry={found.reload} />
      )}
      {data === null && found.state !== 'failed' && (busy && source === 'likes' ? <Loading /> : <Start />)}
      {data && (
        <div class={`preview-body ${busy ? 'stale' : ''}`}>
          <Unmet constraints={data.playlist.unmet_constraints} />
          {tracks.length > 1 && (request.energy_curve !== null || tracks.some(({ arousal }) => arousal !== null)) && (
            <CurveChart
              tracks={tracks}
              curve={data.request.energy_curve ?? request.energy_curve}
              active={active}
              onActive={setActive}
            />
          )}
          {hidden > 0 && (
            <p class="left-out">
              <span class="muted">{t('preview-left-out', { n: hidden })}</span>
              <Button
                onClick={() => {
                  draft.value = { ...draft.value, leftOut: [] };
                }}
              >
                {t('preview-bring-back')}
              </Button>
            </p>
          )}
          {data.playlist.tracks.length === 0 ? (
            <EmptyState icon="search" title={t('preview-none-title')}>
              <p>{t('preview-none-text')}</p>
            </EmptyState>
          ) : (
            <PlaylistRows
              label={t('preview-list')}
              tracks={tracks}
              active={active}
              onActive={setActive}
              removeLabel={(title) => t('preview-leave-out-named', { name: title })}
              onRemove={(index) => {
                const id = ids[index];
                if (id !== undefined) leaveOut(id);
              }}
              menu={({ id, title }) => [
                { label: t('preview-leave-out'), icon: 'close', onSelect: () => leaveOut(id) },
                {
                  label: t('preview-less'),
                  icon: 'minus',
                  onSelect: () => addSeeds([{ kind: 'track', id, name: title }], 'minus'),
                },
              ]}
            />
          )}
        </div>
      )}
      {saving && data && <SaveDialog name={name} request={data.request} ids={ids} onClose={() => setSaving(false)} />}
    </section>
  );
}

const suggestedName = (): string =>
  draft.value.source === 'likes' ? t('builder-from-likes') : (seeds.value.plus[0]?.name ?? '');

/** Nothing is chosen yet. */
function Start() {
  return (
    <EmptyState icon="builder" title={t('preview-start-title')}>
      <p>{t('preview-start-text')}</p>
      <Button icon="heart" onClick={() => (draft.value = { ...draft.value, source: 'likes' })}>
        {t('preview-start-likes')}
      </Button>
    </EmptyState>
  );
}

function Failed({ error, onRetry }: { error: Problem; onRetry: () => void }) {
  if (error.action === 'like_tracks') {
    return (
      <EmptyState icon="heart" title={t('preview-no-likes-title')}>
        <p>{t('preview-no-likes-text')}</p>
        <Button onClick={() => (draft.value = { ...draft.value, source: 'seeds' })}>{t('preview-to-seeds')}</Button>
      </EmptyState>
    );
  }
  return <ErrorState error={error} onRetry={onRetry} />;
}
