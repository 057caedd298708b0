/** The parts of the player that the bar and the full view share. */
import type { Rating } from '../api/endpoints';
import { formatDuration, t } from '../i18n';
import { addedTracks, addItem } from '../playlists/AddToPlaylist';
import { IconButton } from '../ui/Button';
import { Icon } from '../ui/Icon';
import { MenuButton, type MenuItem } from '../ui/Menu';
import { isShuffled, type Repeat } from './queue';
import { currentId, duration, panel, playing, position, queue, radio, settings, track, waiting } from './state';
import {
  moreLikeThis,
  next,
  previous,
  rate,
  seek,
  setRadio,
  setRepeat,
  setSettings,
  setShuffle,
  toggle,
} from './store';
import type { GainMode } from './gain';
import { Waveform } from './Waveform';

export function TrackNames({ heading = false }: { heading?: boolean }) {
  const found = track.value;
  const artists = found?.artists.length ? found.artists : found?.artist ? [found.artist] : [];
  const Title = heading ? 'h2' : 'span';
  return (
    <div class="player-names">
      <Title class="player-title">
        <a href={`tracks/${currentId.value}`}>
          <bdi>{found?.title ?? '…'}</bdi>
        </a>
      </Title>
      <span class="player-artist">
        {artists.map((name, place) => {
          const id = found?.artist_ids[place];
          return (
            <bdi key={name}>
              {place > 0 && ', '}
              {id === undefined ? name : <a href={`artists/${id}`}>{name}</a>}
            </bdi>
          );
        })}
      </span>
    </div>
  );
}

export function RatingButtons() {
  const rating: Rating = track.value?.rating ?? 0;
  return (
    <div class="player-rating">
      <IconButton
        icon="heart"
        label={rating === 1 ? t('player-unlike') : t('player-like')}
        pressed={rating === 1}
        onClick={() => rate(1)}
      />
      <IconButton
        icon="dislike"
        label={rating === -1 ? t('player-undislike') : t('player-dislike')}
        pressed={rating === -1}
        onClick={() => rate(-1)}
      />
    </div>
  );
}

export function PlayButton({ size = 22 }: { size?: number }) {
  const plays = playing.value;
  return (
    <button
      type="button"
      class={`play-button ${waiting.value ? 'waiting' : ''}`}
      aria-label={plays ? t('player-pause') : t('player-play')}
      title={plays ? t('player-pause') : t('player-play')}
      onClick={toggle}
    >
      <Icon name={plays ? 'pause' : 'play'} size={size} />
    </button>
  );
}

const AFTER: Record<Repeat, Repeat> = { off: 'all', all: 'one', one: 'off' };
const REPEAT = { off: 'player-repeat-off', all: 'player-repeat-all', one: 'player-repeat-one' } as const;

export function Transport({ size = 22 }: { size?: number }) {
  const { repeat } = queue.value;
  const shuffled = isShuffled(queue.value);
  return (
    <div class="player-transport" role="group" aria-label={t('player-controls')}>
      <IconButton icon="shuffle" label={t('player-shuffle')} pressed={shuffled} onClick={() => setShuffle(!shuffled)} />
      <IconButton icon="previous" label={t('player-previous')} onClick={previous} />
      <PlayButton size={size} />
      <IconButton icon="next" label={t('player-next')} onClick={next} />
      <span class={`player-repeat repeat-${repeat}`}>
        <IconButton
          icon="repeat"
          label={t(REPEAT[repeat])}
          class={repeat === 'off' ? '' : 'on'}
          onClick={() => setRepeat(AFTER[repeat])}
        />
      </span>
    </div>
  );
}

export function Progress() {
  const id = currentId.value;
  if (id === null) return null;
  return (
    <div class="player-progress">
      <span class="number player-time">{formatDuration(position.value)}</span>
      <Waveform id={id} position={position.value} duration={duration.value} onSeek={seek} />
      <span class="number player-time">{formatDuration(duration.value)}</span>
    </div>
  );
}

export function RadioButton() {
  const on = radio.value !== null;
  return (
    <IconButton
      icon="radio"
      label={on ? t('player-radio-stop') : t('player-radio')}
      pressed={on}
      onClick={() => (on ? setRadio(false) : moreLikeThis())}
    />
  );
}

export function Volume() {
  const { level, muted } = settings.value;
  const shown = muted ? 0 : level;
  return (
    <div class="player-volume">
      <IconButton
        icon={shown === 0 ? 'mute' : 'volume'}
        label={muted ? t('player-unmute') : t('player-mute')}
        onClick={() => setSettings({ muted: !muted })}
      />
      <input
        type="range"
        min={0}
        max={100}
        step={2}
        value={Math.round(shown * 100)}
        style={{ '--value': `${shown * 100}%` }}
        aria-label={t('player-volume')}
        aria-valuetext={t('player-volume-text', { n: Math.round(shown * 100) })}
        onInput={(event) => setSettings({ level: event.currentTarget.valueAsNumber / 100, muted: false })}
      />
    </div>
  );
}

/** Add the tracks of the queue to a playlist, or make one of them. */
export const saveQueue = (): void => {
  addedTracks.value = queue.value.entries.map(({ id }) => id);
};

const GAINS = { album: 'player-gain-album', track: 'player-gain-track', off: 'player-gain-off' } as const;

export function MoreButton() {
  const gains = (Object.keys(GAINS) as GainMode[]).map((gain, place): MenuItem => ({
    label: t(GAINS[gain]),
    checked: settings.value.gain === gain,
    separated: place === 0,
    onSelect: () => setSettings({ gain }),
  }));
  const items: MenuItem[] = [
    ...(currentId.value === null ? [] : [addItem([currentId.value])]),
    { label: t('player-save-queue'), icon: 'queue', onSelect: saveQueue },
    { label: t('shortcuts-title'), icon: 'settings', onSelect: () => (panel.value = 'help') },
    ...gains,
  ];
  return (
    <MenuButton label={t('player-more')} items={items}>
      <Icon name="more" />
    </MenuButton>
  );
}
