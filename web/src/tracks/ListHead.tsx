/** The head of a view whose content is a list of tracks: what it is, how long, and what one can do with all of it. */
import type { TrackRecord } from '../api/records';
import { formatLength, t } from '../i18n';
import { player } from '../player/interface';
import { addedTracks } from '../playlists/AddToPlaylist';
import { listMenu } from '../playlists/menus';
import { Button } from '../ui/Button';
import { Icon } from '../ui/Icon';
import { MenuButton } from '../ui/Menu';

interface ListHeadProperties {
  title: string;
  /** in the place of the number of tracks, while there are none */
  about: string;
  tracks: readonly TrackRecord[];
}

export function ListHead({ title, about, tracks }: ListHeadProperties) {
  const ids = tracks.map((track) => track.id);
  return (
    <header class="view-head">
      <div>
        <h1>{title}</h1>
        <p class="muted" aria-live="polite">
          {tracks.length > 0
            ? `${t('n-tracks', { n: tracks.length })} · ${formatLength(tracks.reduce((sum, each) => sum + each.duration, 0))}`
            : about}
        </p>
      </div>
      <PlayAll ids={ids} />
      {ids.length > 0 && (
        <>
          <Button icon="playlist" onClick={() => (addedTracks.value = ids)}>
            {t('add-to-playlist')}
          </Button>
          <MenuButton label={t('actions')} items={listMenu(ids, title)}>
            <Icon name="more" />
          </MenuButton>
        </>
      )}
    </header>
  );
}

/** The button that plays all tracks of a list; nothing without a player or tracks. */
export function PlayAll({ ids }: { ids: readonly number[] }) {
  const music = player.value;
  if (!music || ids.length === 0) return null;
  return (
    <Button icon="play" kind="primary" onClick={() => music.play(ids)}>
      {t('play')}
    </Button>
  );
}
