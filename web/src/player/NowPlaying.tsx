import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n';
import { IconButton } from '../ui/Button';
import { Cover } from '../ui/Cover';
import { MoreButton, Progress, RadioButton, RatingButtons, TrackNames, Transport, Volume } from './Controls';
import { currentId, entry, panel } from './state';

const PULL = 90; // pixels downwards that close it

/** The track that plays, over the whole screen of a phone. */
export function NowPlaying() {
  const element = useRef<HTMLDialogElement>(null);
  const from = useRef<number | null>(null);
  useEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  const close = (): void => {
    panel.value = null;
  };
  if (entry.value === null) return null;
  return (
    <dialog
      ref={element}
      class="now-playing"
      aria-label={t('now-title')}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClick={(event) => event.target instanceof Element && event.target.closest('.player-names a') && close()}
      onTouchStart={(event) => {
        const within = event.target instanceof Element && event.target.closest('.waveform, input');
        from.current = within ? null : (event.touches[0]?.clientY ?? null);
      }}
      onTouchEnd={(event) => {
        const to = event.changedTouches[0]?.clientY;
        if (from.current !== null && to !== undefined && to - from.current > PULL) close();
      }}
    >
      <div class="now-head">
        <IconButton icon="down" label={t('now-close')} onClick={close} />
        <span class="muted">{t('now-title')}</span>
        <IconButton icon="queue" label={t('queue-title')} onClick={() => (panel.value = 'queue')} />
      </div>
      <div class="now-cover">
        <Cover id={currentId.value} size={320} />
      </div>
      <div class="now-names">
        <TrackNames heading />
        <RatingButtons />
      </div>
      <Progress />
      <Transport size={30} />
      <div class="now-foot">
        <RadioButton />
        <Volume />
        <MoreButton />
      </div>
    </dialog>
  );
}
