/** The volume of a track: ReplayGain, and the limit at which it does not clip. */

export type GainMode = 'track' | 'album' | 'off';

export interface Loudness {
  track_gain: number | null;
  track_peak: number | null;
  album_gain: number | null;
  album_peak: number | null;
  loudness: number | null;
}

/** LUFS that ReplayGain 2 aims at. */
export const REFERENCE = -18;

export const decibels = (gain: number): number => 10 ** (gain / 20);

/**
 * The factor for the samples of a track. In the mode "album" the album's gain is used where there is one, so that quiet
 * tracks of an album stay quiet. Without ReplayGain tags the measured loudness is used. The loudest sample stays within
 * full scale; where it is not known, the factor is at most 1.
 */
export function gainFactor(track: Loudness, mode: GainMode): number {
  if (mode === 'off') return 1;
  const album = mode === 'album' && track.album_gain !== null;
  const measured = track.loudness === null || !Number.isFinite(track.loudness) ? null : REFERENCE - track.loudness;
  const gain = album ? track.album_gain : (track.track_gain ?? measured);
  if (gain === null) return 1;
  const peak = album ? (track.album_peak ?? track.track_peak) : track.track_peak;
  return Math.min(decibels(gain), peak !== null && peak > 0 ? Math.max(1 / peak, 0) : 1);
}

/** The volume of an audio element, 0 to 1. `level` is where the slider stands: its square sounds even. */
export const elementVolume = (level: number, factor: number): number =>
  Math.min(1, Math.max(0, level * level * factor));
