/** What one can do with tracks, as the items of a menu. */
import { t } from '../i18n';
import { player } from '../player/interface';
import { navigate, to } from '../router';
import { addItem } from '../playlists/AddToPlaylist';
import { rateTrack, row } from '../state/rows';
import { addSeeds, type SeedItem } from '../state/seeds';
import { pathEnds } from '../state/pathEnds';
import type { MenuItem } from '../ui/Menu';
import { attempt, toast } from '../ui/toast';

export const seedsOf = (ids: readonly number[]): SeedItem[] =>
  ids.map((id) => ({ kind: 'track', id, name: row(id)?.title ?? String(id) }));

const MOST_SEEDS = 50; // of similar tracks, in one address

export const similarAddress = (ids: readonly number[]): string =>
  to('similar', {
    plus: ids
      .slice(0, MOST_SEEDS)
      .map((id) => `t${id}`)
      .join(','),
  });

/** Like, dislike, or neither; the same again takes it back. */
export function toggleRating(ids: readonly number[], rating: 1 | -1): void {
  const all = ids.every((id) => row(id)?.rating === rating);
  const next = all ? 0 : rating;
  attempt(Promise.all(ids.map((id) => rateTrack(id, next))));
}

export function trackMenu(ids: readonly number[]): MenuItem[] {
  const [id] = ids;
  if (id === undefined) return [];
  const one = ids.length === 1;
  const track = row(id);
  const music = player.value;
  const playing: MenuItem[] = music
    ? [
        { label: t('play'), icon: 'play', onSelect: () => music.play(ids) },
        {
          label: t('play-next'),
          icon: 'playNext',
          onSelect: () => {
            music.playNext(ids);
            toast(t('queued', { n: ids.length }));
          },
        },
        {
          label: t('enqueue'),
          icon: 'queue',
          onSelect: () => {
            music.enqueue(ids);
            toast(t('queued', { n: ids.length }));
          },
        },
        ...(one
          ? [{ label: t('radio'), icon: 'radio' as const, onSelect: () => music.radioFrom({ kind: 'track', id }) }]
          : []),
      ]
    : [];
  const items: MenuItem[] = [
    ...playing,
    addItem(ids),
    {
      label: ids.every((each) => row(each)?.rating === 1) ? t('unlike') : t('like'),
      icon: 'heart',
      separated: true,
      onSelect: () => toggleRating(ids, 1),
    },
    {
      label: ids.every((each) => row(each)?.rating === -1) ? t('undislike') : t('dislike'),
      icon: 'dislike',
      onSelect: () => toggleRating(ids, -1),
    },
    { label: t('similar-tracks'), icon: 'similar', separated: true, onSelect: () => navigate(similarAddress(ids)) },
  ];
  if (one) {
    items.push(
      { label: t('path-from'), icon: 'path', onSelect: () => navigate(pathEnds.begin(id)) },
      { label: t('path-to'), icon: 'path', onSelect: () => navigate(pathEnds.finish(id)) },
    );
  }
  const seeded = (side: 'plus' | 'minus') => (): void => {
    addSeeds(seedsOf(ids), side);
    toast(t('seeds-added', { n: ids.length }));
  };
  items.push(
    { label: t('add-seed'), icon: 'plus', onSelect: seeded('plus') },
    { label: t('add-minus-seed'), icon: 'minus', onSelect: seeded('minus') },
  );
  if (one && track) {
    items.push({ label: t('details'), icon: 'music', separated: true, onSelect: () => navigate(`tracks/${id}`) });
    const { album_id: album } = track;
    const [artist] = track.artist_ids;
    if (album !== null)
      items.push({ label: t('to-album'), icon: 'duplicates', onSelect: () => navigate(`albums/${album}`) });
    if (artist !== undefined) {
      items.push({ label: t('to-artist'), icon: 'user', onSelect: () => navigate(`artists/${artist}`) });
    }
  }
  return items;
}
