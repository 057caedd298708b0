/** What the listener likes and dislikes: tracks, albums, artists. */
import { useEffect, useState } from 'preact/hooks';
import { requestListener } from '../../api/client';
import { api, type RatedKind, type Ratings } from '../../api/endpoints';
import { useResource } from '../../api/useResource';
import { formatNumber, t } from '../../i18n';
import { useTitle } from '../../layout/useTitle';
import { player } from '../../player/interface';
import { navigate, to } from '../../router';
import { rateTrack } from '../../state/rows';
import { startDrag } from '../../state/seeds';
import { trackMenu } from '../../tracks/actions';
import { Button, IconButton } from '../../ui/Button';
import { Choice } from '../../ui/Chips';
import { Cover } from '../../ui/Cover';
import { Icon } from '../../ui/Icon';
import { MenuButton } from '../../ui/Menu';
import { EmptyState, ErrorState, Loading } from '../../ui/states';
import { toast, toastError } from '../../ui/toast';
import { counts, entries, KINDS, without, type Rated, type Side } from './ratings';
import './likes.css';

const STEP = 300; // entries that are drawn at first, and more with each press of the button

export default function Likes() {
  const found = useResource(`ratings ${requestListener.value ?? ''}`, (signal) => api.ratings(undefined, signal));
  const [ratings, setRatings] = useState<Ratings | null>(null);
  const [side, setSide] = useState<Side>('liked');
  const [kind, setKind] = useState<RatedKind>('track');
  const [limit, setLimit] = useState(STEP);
  useEffect(() => setRatings(found.data), [found.data]);
  useTitle(t('likes-title'));

  const shown = ratings ? entries(ratings, side, kind, (n) => t('n-tracks', { n })) : [];
  const number = ratings ? counts(ratings, side) : null;
  const music = player.value;
  const trackIds = ratings?.liked_tracks.map(({ id }) => id).reverse() ?? [];

  const remove = async (entry: Rated): Promise<void> => {
    if (!ratings) return;
    const rate = (rating: 1 | -1 | 0): Promise<unknown> =>
      entry.kind === 'track' ? rateTrack(entry.id, rating) : api.rate(entry.kind, entry.id, rating);
    setRatings(without(ratings, side, entry.kind, entry.id));
    try {
      await rate(0);
      toast(t('likes-removed', { name: entry.name }), {
        action: { label: t('undo'), run: () => void rate(side === 'liked' ? 1 : -1).then(found.reload, toastError) },
      });
      if (entry.stars !== null) found.reload(); // its stars stay, and may imply the same
    } catch (error) {
      setRatings(ratings);
      toastError(error);
    }
  };

  return (
    <>
      <header class="view-head">
        <div>
          <h1>{t('likes-title')}</h1>
        </div>
        {music && side === 'liked' && kind === 'track' && trackIds.length > 0 && (
          <Button icon="play" onClick={() => music.play(trackIds)}>
            {t('play-all')}
          </Button>
        )}
        {trackIds.length > 0 && (
          <Button kind="primary" icon="builder" onClick={() => navigate(to('builder', { from: 'likes' }))}>
            {t('likes-build')}
          </Button>
        )}
      </header>
      <div class="likes-choices">
        <Choice<Side>
          label={t('likes-which')}
          value={side}
          choices={[
            { value: 'liked', label: t('likes-liked') },
            { value: 'disliked', label: t('likes-disliked') },
          ]}
          onChange={setSide}
        />
        <Choice<RatedKind>
          label={t('likes-what')}
          value={kind}
          choices={KINDS.map((each) => ({
            value: each,
            label: number ? `${t(`likes-${each}s`)} ${formatNumber(number[each])}` : t(`likes-${each}s`),
          }))}
          onChange={(next) => {
            setKind(next);
            setLimit(STEP);
          }}
        />
      </div>
      {found.state === 'failed' ? (
        <ErrorState error={found.error} onRetry={found.reload} />
      ) : !ratings ? (
        <Loading />
      ) : shown.length === 0 ? (
        <EmptyState
          icon={side === 'liked' ? 'heart' : 'dislike'}
          title={t(side === 'liked' ? 'likes-none-title' : 'dislikes-none-title')}
        >
          <p>{t(side === 'liked' ? 'likes-none-text' : 'dislikes-none-text')}</p>
          {side === 'liked' && <Button onClick={() => navigate('')}>{t('likes-open-library')}</Button>}
        </EmptyState>
      ) : (
        <>
          <ul class="rated-list" aria-label={`${t(`likes-${side}`)}, ${t(`likes-${kind}s`)}`}>
            {shown.slice(0, limit).map((entry, index) => (
              <Entry
                key={`${entry.kind}-${entry.id}`}
                entry={entry}
                side={side}
                onPlay={() =>
                  music?.play(
                    shown.map(({ id }) => id),
                    index,
                  )
                }
                onRemove={() => void remove(entry)}
              />
            ))}
          </ul>
          {shown.length > limit && (
            <div class="list-more">
              <Button onClick={() => setLimit(limit + STEP)}>{t('list-more')}</Button>
            </div>
          )}
        </>
      )}
    </>
  );
}

interface EntryProperties {
  entry: Rated;
  side: Side;
  onPlay: () => void;
  onRemove: () => void;
}

function Entry({ entry, side, onPlay, onRemove }: EntryProperties) {
  const { kind, id, name, detail, address, stars } = entry;
  return (
    <li draggable onDragStart={(event) => startDrag(event, [{ kind, id, name }])}>
      {kind === 'artist' ? (
        <span class="cover cover-round" style={{ '--size': '44px' }}>
          <Icon name="user" />
        </span>
      ) : (
        <Cover kind={kind} id={id} size={44} />
      )}
      <span class="two-lines">
        <a href={address} draggable={false}>
          <bdi>{name}</bdi>
        </a>
        <small>
          <bdi>{detail}</bdi>
          {stars !== null && ` · ${t('likes-from-stars', { n: stars })}`}
        </small>
      </span>
      <span class="rated-actions">
        {kind === 'track' && player.value && (
          <IconButton icon="play" size={18} label={t('play-named', { name })} onClick={onPlay} />
        )}
        <IconButton
          icon={side === 'liked' ? 'heart' : 'dislike'}
          size={18}
          pressed
          label={t('remove-named', { name })}
          onClick={onRemove}
        />
        {kind === 'track' && (
          <MenuButton label={t('actions-named', { name })} items={trackMenu([id])}>
            <Icon name="more" size={18} />
          </MenuButton>
        )}
      </span>
    </li>
  );
}
