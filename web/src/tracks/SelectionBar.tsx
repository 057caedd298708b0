import { t } from '../i18n';
import { player } from '../player/interface';
import { addedTracks } from '../playlists/AddToPlaylist';
import { navigate } from '../router';
import { Button, IconButton } from '../ui/Button';
import { Icon } from '../ui/Icon';
import { MenuButton } from '../ui/Menu';
import { similarAddress, toggleRating, trackMenu } from './actions';
import { PlayAll } from './ListHead';

interface SelectionBarProperties {
  ids: readonly number[];
  onClear: () => void;
  /** selected tracks from which on it is shown */
  least?: number;
}

/** What one can do with the selected tracks. */
export function SelectionBar({ ids, onClear, least = 2 }: SelectionBarProperties) {
  const music = player.value;
  if (ids.length < least) return null;
  return (
    <div class="selection-bar" role="region" aria-label={t('n-selected', { n: ids.length })}>
      <strong>{t('n-selected', { n: ids.length })}</strong>
      <PlayAll ids={ids} />
      {music && (
        <Button icon="queue" onClick={() => music.enqueue(ids)}>
          {t('enqueue')}
        </Button>
      )}
      <Button icon="playlist" onClick={() => (addedTracks.value = ids)}>
        {t('add-to-playlist')}
      </Button>
      <Button icon="similar" onClick={() => navigate(similarAddress(ids))}>
        {t('similar-tracks')}
      </Button>
      <IconButton icon="heart" label={t('like')} onClick={() => toggleRating(ids, 1)} />
      <MenuButton label={t('actions')} items={trackMenu(ids)}>
        <Icon name="more" />
      </MenuButton>
      <IconButton icon="close" label={t('clear-selection')} onClick={onClear} />
    </div>
  );
}
