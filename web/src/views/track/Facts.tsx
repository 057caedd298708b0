import type { ComponentChildren } from 'preact';
import type { TrackDetailsRecord } from '../../api/records';
import { formatDateTime, formatDuration, formatList, formatNumber, formatPercent, t } from '../../i18n';

type Fact = [label: string, value: ComponentChildren];

function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl class="facts">
      {facts
        .filter(([, value]) => value !== null && value !== '')
        .map(([label, value]) => (
          <div key={label}>
            <dt class="muted">{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

const decibels = (value: number | null, unit: string): string | null =>
  value === null ? null : `${formatNumber(value, 1)} ${unit}`;

export function MusicFacts({ track }: { track: TrackDetailsRecord }) {
  const genre = track.genre_guess ?? track.genre;
  const sure = track.genre_probability;
  const bpm = track.bpm === null ? null : `${formatNumber(track.bpm, 0)} BPM`;
  const other = track.bpm_alternative;
  const mood = (value: number | null, low: string, high: string): ComponentChildren =>
    value === null ? null : (
      <span class="mood">
        <span>{low}</span>
        <meter min={0} max={1} value={value} aria-label={`${low} – ${high}`} />
        <span>{high}</span>
      </span>
    );
  return (
    <Facts
      facts={[
        [t('column-genre'), genre && (sure === null ? genre : `${genre} (${formatPercent(sure)})`)],
        [t('filter-tagged_genre'), formatList(track.tagged_genres)],
        [t('column-bpm'), bpm && (other ? t('bpm-or', { bpm, other: Math.round(other) }) : bpm)],
        [t('column-key'), track.key && (track.camelot ? `${track.key} (${track.camelot})` : track.key)],
        [t('column-duration'), formatDuration(track.duration)],
        [t('loudness'), decibels(track.loudness, 'LUFS')],
        [t('valence'), mood(track.valence, t('valence-low'), t('valence-high'))],
        [t('arousal'), mood(track.arousal, t('arousal-low'), t('arousal-high'))],
        [t('composers'), formatList(track.composers)],
        [t('column-plays'), t('plays-and-skips', { plays: track.plays, skips: track.skips })],
        [t('last-played'), track.last_played_at && formatDateTime(track.last_played_at)],
        [t('column-added'), formatDateTime(track.added_at)],
      ]}
    />
  );
}

export function FileFacts({ track }: { track: TrackDetailsRecord }) {
  const sound = [
    track.codec,
    `${formatNumber(track.sample_rate / 1000, 1)} kHz`,
    track.bit_depth === null ? null : `${track.bit_depth} bit`,
    track.bit_rate === null ? null : `${formatNumber(track.bit_rate / 1000)} kbit/s`,
    t('n-channels', { n: track.channels }),
  ];
  return (
    <Facts
      facts={[
        [
          t('paths'),
          <>
            {track.paths.map((path) => (
              <div key={path} class="file-path">
                <bdi>{path}</bdi>
              </div>
            ))}
          </>,
        ],
        [t('sound'), formatList(sound.filter((each) => each !== null))],
        ['ReplayGain', decibels(track.track_gain, 'dB')],
        ['ISRC', track.isrc],
        ['MusicBrainz', track.musicbrainz_recording],
        [t('genre-model'), track.genre_model],
      ]}
    />
  );
}
