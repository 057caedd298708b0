/** The like or dislike of an album or an artist, which the listener changes. */
import { useState } from 'preact/hooks';
import { requestListener } from '../api/client';
import { api, type Rating } from '../api/endpoints';
import { useResource } from '../api/useResource';
import { toastError } from '../ui/toast';

export function useRating(kind: 'album' | 'artist', id: number): [Rating, (rating: Rating) => void] {
  const key = JSON.stringify([kind, id, requestListener.value]);
  const stored = useResource(key, async (signal): Promise<Rating> => {
    const all = await api.ratings(kind, signal);
    const has = (side: 'liked' | 'disliked'): boolean => all[`${side}_${kind}s`].some((each) => each.id === id);
    return has('liked') ? 1 : has('disliked') ? -1 : 0;
  });
  const [given, setGiven] = useState<{ key: string; rating: Rating } | null>(null);
  const rating = given?.key === key ? given.rating : stored.state === 'ready' ? stored.data : 0;
  const rate = (next: Rating): void => {
    setGiven({ key, rating: next });
    api.rate(kind, id, next).catch((error: unknown) => {
      setGiven({ key, rating });
      toastError(error);
    });
  };
  return [rating, rate];
}
