/** Tracks whose label a genre model doubts, listened to one after the other. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { adminApi } from '../../api/admin';
import { post } from '../../api/client';
import { useResource } from '../../api/useResource';
import type { LabelIssueRecord } from '../../api/records';
import { formatPercent, t } from '../../i18n';
import { baseName } from '../../jobs/describe';
import { useTitle } from '../../layout/useTitle';
import { player } from '../../player/interface';
import { settings } from '../../player/state';
import type { ViewProperties } from '../../router';
import { Button, IconButton } from '../../ui/Button';
import { Cover } from '../../ui/Cover';
import { EmptyState, ErrorState, Loading } from '../../ui/states';
import { attempt } from '../../ui/toast';
import { nextUndecided, readDecisions, writeDecisions, type Decision, type Decisions } from './decisions';
import './genre-models.css';

export default function Suspects({ parameters }: ViewProperties) {
  const name = parameters.name ?? '';
  const found = useResource(name, (signal) => adminApi.suspects(name, signal));
  useTitle(t('suspects-title'));
  return (
    <div class="models">
      <header class="view-head">
        <div>
          <p class="back">
            <a href={`genre-models/${encodeURIComponent(name)}`}>
              <bdi>{name}</bdi>
            </a>
          </p>
          <h1>{t('suspects-title')}</h1>
          <p class="muted">{t('suspects-about')}</p>
        </div>
      </header>
      {found.state === 'failed' ? (
        <ErrorState error={found.error} onRetry={found.reload} />
      ) : found.data === null ? (
        <Loading rows={5} />
      ) : found.data.items.length === 0 ? (
        <EmptyState icon="check" title={t('suspects-none-title')}>
          <p>{t('suspects-none-text')}</p>
        </EmptyState>
      ) : (
        <OneByOne key={name} model={name} items={found.data.items} />
      )}
    </div>
  );
}

function OneByOne({ model, items }: { model: string; items: readonly LabelIssueRecord[] }) {
  const paths = items.map((each) => each.path);
  const [decisions, setDecisions] = useState<Decisions>(() => readDecisions(model));
  const [index, setIndex] = useState<number | null>(() => nextUndecided(paths, decisions, -1));
  const [history, setHistory] = useState<readonly number[]>([]);
  const [auto, setAuto] = useState(false);
  const music = player.value;
  const item = index === null ? undefined : items[index];

  const move = (next: number | null): void => {
    if (index !== null) setHistory([...history, index]);
    setIndex(next);
    const id = next === null ? null : items[next]?.id;
    if (auto && id != null) music?.play([id]);
  };
  const decide = (decision: Decision): void => {
    if (!item || index === null) return;
    const next = { ...decisions, [item.path]: decision };
    setDecisions(next);
    writeDecisions(model, next);
    move(nextUndecided(paths, next, index));
  };
  const back = (): void => {
    const before = history.at(-1);
    if (before === undefined) return;
    setHistory(history.slice(0, -1));
    setIndex(before);
  };
  const listen = (): void => {
    if (item?.id == null || !music) return;
    if (music.currentId.value === item.id) music.toggle();
    else music.play([item.id]);
  };

  const keys = useRef<Record<string, () => void>>({});
  keys.current = {
    '1': () => decide('right'),
    '2': () => decide('wrong'),
    '3': () => index !== null && move(nextUndecided(paths, decisions, index)),
    '0': back,
    ' ': listen,
  };
  useEffect(() => {
    // before the shortcuts of the player, which leave alone what is handled
    const onKey = (event: KeyboardEvent): void => {
      const target = event.target instanceof Element ? event.target : document.body;
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || target.closest('input, dialog')) return;
      if (event.key === ' ' ? target.closest('button, a') : !settings.value.shortcuts) return;
      const run = keys.current[event.key];
      if (!run) return;
      event.preventDefault();
      run();
    };
    document.addEventListener('keydown', onKey, true);
    return () => document.removeEventListener('keydown', onKey, true);
  }, []);

  const wrong = items.filter((each) => decisions[each.path] === 'wrong' && each.id !== null);
  const save = (): void =>
    attempt(
      post('playlists', {
        name: t('suspects-playlist', { name: model }),
        track_ids: wrong.map((each) => each.id),
      }),
      t('suspects-saved'),
    );
  const restart = (): void => {
    setDecisions({});
    writeDecisions(model, {});
    setHistory([]);
    setIndex(0);
  };
  const playing = item?.id != null && music?.currentId.value === item.id && music.playing.value;
  const title = item ? (item.title ?? baseName(item.path)) : '';
  return (
    <>
      {item ? (
        <article class="suspect" aria-label={title}>
          <header>
            <Cover id={item.id} size={96} />
            <div>
              <p class="muted number" role="status">
                {t('suspects-place', { n: (index ?? 0) + 1, total: items.length })}
              </p>
              <h2>
                {item.id === null ? (
                  <bdi>{title}</bdi>
                ) : (
                  <a href={`tracks/${item.id}`}>
                    <bdi>{title}</bdi>
                  </a>
                )}
              </h2>
              <p class="muted">
                <bdi>{item.artist}</bdi>
              </p>
            </div>
            {music && item.id !== null && (
              <IconButton
                class="suspect-play"
                icon={playing ? 'pause' : 'play'}
                size={26}
                label={t(playing ? 'pause-named' : 'play-named', { name: title })}
                onClick={listen}
              />
            )}
          </header>
          <dl class="suspect-genres">
            <div>
              <dt class="muted">{t('suspects-label')}</dt>
              <dd>
                <bdi>{item.label}</bdi> <small class="muted">{formatPercent(item.label_probability)}</small>
              </dd>
            </div>
            <div>
              <dt class="muted">{t('suspects-predicted')}</dt>
              <dd>
                <bdi>{item.predicted}</bdi> <small class="muted">{formatPercent(item.predicted_probability)}</small>
              </dd>
            </div>
          </dl>
          <div class="suspect-actions">
            <Button icon="check" kind="primary" aria-keyshortcuts="1" onClick={() => decide('right')}>
              {t('suspects-right')}
            </Button>
            <Button icon="close" aria-keyshortcuts="2" onClick={() => decide('wrong')}>
              {t('suspects-wrong')}
            </Button>
            <Button icon="next" aria-keyshortcuts="3" onClick={() => keys.current['3']?.()}>
              {t('suspects-skip')}
            </Button>
            <Button aria-keyshortcuts="0" disabled={history.length === 0} onClick={back}>
              {t('suspects-back')}
            </Button>
          </div>
          <footer class="muted">
            <label>
              <input type="checkbox" checked={auto} onChange={(event) => setAuto(event.currentTarget.checked)} />{' '}
              {t('suspects-auto')}
            </label>
            <span>{t('suspects-keys')}</span>
          </footer>
        </article>
      ) : (
        <EmptyState icon="check" title={t('suspects-done-title')}>
          <Button onClick={restart}>{t('suspects-again')}</Button>
        </EmptyState>
      )}
      {wrong.length > 0 && (
        <p class="suspect-wrong">
          <span>{t('suspects-wrong-count', { n: wrong.length })}</span>
          <Button icon="playlist" onClick={save}>
            {t('suspects-save')}
          </Button>
        </p>
      )}
    </>
  );
}
