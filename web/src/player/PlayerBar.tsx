import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n';
import { IconButton } from '../ui/Button';
import { Cover } from '../ui/Cover';
import {
  MoreButton,
  PlayButton,
  Progress,
  RadioButton,
  RatingButtons,
  TrackNames,
  Transport,
  Volume,
} from './Controls';
import { Help } from './Help';
import { NowPlaying } from './NowPlaying';
import { QueuePanel } from './QueuePanel';
import { startShortcuts } from './shortcuts';
import { currentId, duration, entry, panel, position, track } from './state';
import { next } from './store';

/** The player below every view; nothing but its shortcuts while the queue is empty. */
export function PlayerBar() {
  useEffect(startShortcuts, []);
  const shown = entry.value !== null;
  return (
    <>
      {shown && <Bar />}
      {panel.value === 'queue' && <QueuePanel />}
      {panel.value === 'now' && shown && <NowPlaying />}
      <Help />
    </>
  );
}

function Bar() {
  const element = useRef<HTMLElement>(null);
  useEffect(() => {
    const root = document.documentElement;
    const observer = new ResizeObserver(() =>
      root.style.setProperty('--player', `${element.current?.offsetHeight ?? 0}px`),
    );
    if (element.current) observer.observe(element.current);
    return () => {
      observer.disconnect();
      root.style.removeProperty('--player');
    };
  }, []);
  const played = duration.value > 0 ? position.value / duration.value : 0;
  return (
    <section ref={element} class="player-bar" aria-label={t('player-label')}>
      <div class="player-line" style={{ '--played': `${Math.min(played, 1) * 100}%` }} aria-hidden="true" />
      <div class="player-now">
        <button
          type="button"
          class="player-open"
          aria-label={t('now-open', { title: track.value?.title ?? '' })}
          onClick={() => (panel.value = 'now')}
        />
        <Cover id={currentId.value} size={52} />
        <TrackNames />
        <RatingButtons />
      </div>
      <div class="player-middle">
        <Transport />
        <Progress />
      </div>
      <div class="player-end">
        <RadioButton />
        <IconButton
          icon="queue"
          label={t('queue-title')}
          aria-expanded={panel.value === 'queue'}
          onClick={() => (panel.value = panel.value === 'queue' ? null : 'queue')}
        />
        <Volume />
        <MoreButton />
      </div>
      <div class="player-small">
        <PlayButton />
        <IconButton icon="next" label={t('player-next')} onClick={next} />
      </div>
    </section>
  );
}
