/** The head of the view of a track, album or artist. */
import type { ComponentChildren } from 'preact';
import type { Rating } from '../api/endpoints';
import { t } from '../i18n';
import { player, type Seed } from '../player/interface';
import { addSeeds } from '../state/seeds';
import { Button, IconButton } from '../ui/Button';
import { Icon } from '../ui/Icon';
import { MenuButton, type MenuItem } from '../ui/Menu';
import { toast } from '../ui/toast';

interface HeroProperties {
  kind: Seed['kind'];
  id: number;
  title: string;
  picture: ComponentChildren;
  children: ComponentChildren;
  /** what plays */
  ids: readonly number[];
  rating: Rating;
  onRate: (rating: Rating) => void;
  similar: string;
  more?: readonly MenuItem[];
}

export function Hero({ kind, id, title, picture, children, ids, rating, onRate, similar, more = [] }: HeroProperties) {
  const music = player.value;
  const seeded = (side: 'plus' | 'minus') => (): void => {
    addSeeds([{ kind, id, name: title }], side);
    toast(t('seeds-added', { n: 1 }));
  };
  const items: MenuItem[] = [
    ...(music
      ? [
          { label: t('play-next'), icon: 'playNext' as const, onSelect: () => music.playNext(ids) },
          { label: t('enqueue'), icon: 'queue' as const, onSelect: () => music.enqueue(ids) },
          { label: t('radio'), icon: 'radio' as const, onSelect: () => music.radioFrom({ kind, id }) },
        ]
      : []),
    { label: t('add-seed'), icon: 'plus', onSelect: seeded('plus') },
    { label: t('add-minus-seed'), icon: 'minus', onSelect: seeded('minus') },
    ...more,
  ];
  return (
    <header class="hero">
      {picture}
      <div class="hero-text">
        <p class="muted">{t(`kind-${kind}`)}</p>
        <h1>
          <bdi>{title}</bdi>
        </h1>
        <div class="hero-detail">{children}</div>
        <div class="hero-actions">
          {music && (
            <Button icon="play" kind="primary" disabled={ids.length === 0} onClick={() => music.play(ids)}>
              {t('play')}
            </Button>
          )}
          <a class="button button-plain" href={similar}>
            <Icon name="similar" size={18} />
            <span>{t('similar-music')}</span>
          </a>
          <IconButton
            icon="heart"
            label={t('like')}
            pressed={rating === 1}
            onClick={() => onRate(rating === 1 ? 0 : 1)}
          />
          <IconButton
            icon="dislike"
            label={t('dislike')}
            pressed={rating === -1}
            onClick={() => onRate(rating === -1 ? 0 : -1)}
          />
          <MenuButton label={t('actions')} items={items}>
            <Icon name="more" />
          </MenuButton>
        </div>
      </div>
    </header>
  );
}
