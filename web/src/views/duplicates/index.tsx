/** Recordings that are in the library more than once: their files side by side, each to be played. */
import { useState } from 'preact/hooks';
import { adminApi } from '../../api/admin';
import type { DuplicateFileRecord, DuplicateGroupRecord } from '../../api/records';
import { useResource } from '../../api/useResource';
import { formatBytes, formatDuration, formatNumber, t } from '../../i18n';
import { baseName } from '../../jobs/describe';
import { useTitle } from '../../layout/useTitle';
import { player } from '../../player/interface';
import { storedTracks } from '../../state/jobs';
import { Button, IconButton } from '../../ui/Button';
import { Cover } from '../../ui/Cover';
import { EmptyState, ErrorState, Loading } from '../../ui/states';
import { folderOf, quality, spareBytes } from './files';
import './duplicates.css';

const STEP = 50;
const MOST = 1000;

export default function Duplicates() {
  const [n, setN] = useState(STEP);
  // one more than is shown tells whether there are more
  const found = useResource(`${n} ${storedTracks.value}`, (signal) =>
    adminApi.duplicates(Math.min(n + 1, MOST), signal),
  );
  const groups = found.data?.items ?? [];
  const shown = groups.slice(0, n);
  useTitle(t('duplicates-title'));
  return (
    <div class="duplicates">
      <header class="view-head">
        <div>
          <h1>{t('duplicates-title')}</h1>
          <p class="muted">{t('duplicates-about')}</p>
        </div>
      </header>
      {found.state === 'failed' ? (
        <ErrorState error={found.error} onRetry={found.reload} />
      ) : found.data === null ? (
        <Loading rows={8} />
      ) : groups.length === 0 ? (
        <EmptyState icon="duplicates" title={t('duplicates-none-title')}>
          <p>{t('duplicates-none-text')}</p>
        </EmptyState>
      ) : (
        <>
          {groups.length <= n && (
            <p class="duplicates-summary">
              {t('duplicates-summary', { n: groups.length, size: formatBytes(spareBytes(groups)) })}
            </p>
          )}
          <ol class="duplicate-groups">
            {shown.map((group) => (
              <Group key={group.files[0]?.id} group={group} />
            ))}
          </ol>
          {groups.length > n && (
            <Button disabled={found.state === 'loading'} onClick={() => setN(Math.min(2 * n, MOST))}>
              {t('duplicates-more')}
            </Button>
          )}
        </>
      )}
    </div>
  );
}

function Group({ group }: { group: DuplicateGroupRecord }) {
  const [first] = group.files;
  if (!first) return null;
  return (
    <li class="duplicate-group">
      <header>
        <Cover id={first.id} size={48} />
        <div>
          <h2>
            <a href={`tracks/${first.id}`}>
              <bdi>{group.title}</bdi>
            </a>
          </h2>
          <p class="muted">
            {group.artist && (
              <>
                <bdi>{group.artist}</bdi> ·{' '}
              </>
            )}
            {t('n-files', { n: group.files.length })}
          </p>
        </div>
      </header>
      <ul>
        {group.files.map((file) => (
          <File key={file.path} file={file} title={group.title} />
        ))}
      </ul>
    </li>
  );
}

function File({ file, title }: { file: DuplicateFileRecord; title: string }) {
  const music = player.value;
  const current = music?.currentId.value === file.id;
  const playing = current && music.playing.value;
  const name = baseName(file.path);
  return (
    <li class={current ? 'row-playing' : ''}>
      {music && (
        <IconButton
          icon={playing ? 'pause' : 'play'}
          label={t(playing ? 'duplicates-pause' : 'duplicates-play', { name: title, file: name })}
          onClick={() => (current ? music.toggle() : music.play([file.id]))}
        />
      )}
      <div class="duplicate-file">
        <p class="duplicate-name">
          <bdi>{name}</bdi>
          {file.preferred && <span class="badge">{t('duplicates-preferred')}</span>}
        </p>
        <p class="muted duplicate-folder" title={file.path}>
          <bdi dir="ltr">{folderOf(file.path)}</bdi>
        </p>
      </div>
      <ul class="duplicate-facts number">
        <li>
          <strong>{file.codec.toUpperCase()}</strong> {file.lossless && t('duplicates-lossless')}
        </li>
        <li>{quality(file, formatNumber)}</li>
        <li>{formatDuration(file.duration)}</li>
        <li>{formatBytes(file.size)}</li>
      </ul>
    </li>
  );
}
