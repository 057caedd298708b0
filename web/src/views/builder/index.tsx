/** The playlist builder: a form, and the list that it makes, beside it. */
import { useEffect, useState } from 'preact/hooks';
import { api } from '../../api/endpoints';
import { isAbort, problemOf, type Problem } from '../../api/client';
import { t } from '../../i18n';
import { useTitle } from '../../layout/useTitle';
import { navigate, type ViewProperties } from '../../router';
import { playlists } from '../../playlists/api';
import { addSeeds, clearSeeds, type SeedItem } from '../../state/seeds';
import { Button } from '../../ui/Button';
import { ErrorState, Loading } from '../../ui/states';
import { Form } from './Form';
import { lengthOf, Preview, shownTracks } from './Preview';
import { usePreview } from './usePreview';
import { draft, draftOf, idsOf, newDraft } from './request';
import './builder.css';

export default function Builder({ query }: ViewProperties) {
  const saved = query.get('playlist');
  const fromLikes = query.get('from') === 'likes';
  const asked = saved ?? (fromLikes ? 'likes' : null);
  const [shown, setShown] = useState<string | null>(null); // what the draft was made from
  const [failure, setFailure] = useState<Problem | null>(null);
  const [version, setVersion] = useState(0); // a new form after its draft was replaced
  const { editing } = draft.value;
  const found = usePreview();
  const title = editing ? t('builder-editing', { name: editing.name }) : t('builder-title');
  useTitle(title);

  useEffect(() => {
    if (asked === null) return undefined;
    const controller = new AbortController();
    setFailure(null);
    load(saved, controller.signal).then(
      () => {
        setVersion((before) => before + 1);
        setShown(asked);
      },
      (error: unknown) => {
        if (!isAbort(error)) setFailure(problemOf(error));
      },
    );
    return () => controller.abort();
  }, [asked, saved]);

  if (failure) return <ErrorState error={failure} onRetry={() => location.reload()} />;
  if (asked !== shown && asked !== null) return <Loading />;
  const tracks = shownTracks(found.data);
  return (
    <>
      <header class="view-head">
        <div>
          <h1>
            <bdi>{title}</bdi>
          </h1>
        </div>
        <Button
          onClick={() => {
            clearSeeds();
            draft.value = newDraft();
            setVersion(version + 1);
            navigate('builder', { replace: true });
          }}
        >
          {t('builder-reset')}
        </Button>
      </header>
      <div class="builder">
        <div class="builder-side">
          <Form key={version} />
          {tracks.length > 0 && (
            <a class="preview-jump" href="#preview" onClick={jump}>
              {t('preview-title')} · {t('n-tracks', { n: tracks.length })} · {lengthOf(tracks)}
            </a>
          )}
        </div>
        <Preview found={found} />
      </div>
    </>
  );
}

const jump = (event: Event): void => {
  event.preventDefault();
  document.getElementById('preview')?.scrollIntoView({ behavior: 'smooth' });
};

/** Make the draft from a saved playlist, whose seeds get their names, or from the likes. */
async function load(saved: string | null, signal: AbortSignal): Promise<void> {
  if (saved === null) {
    clearSeeds();
    draft.value = newDraft('likes');
    return;
  }
  const id = Number(saved);
  const { name, request } = await playlists.open(id, signal);
  if (request === null) {
    navigate(`playlists/${id}`, { replace: true }); // fixed tracks are edited there
    return;
  }
  const [plus, minus] = await Promise.all([request.seeds, request.not_like].map((each) => named(each, signal)));
  signal.throwIfAborted();
  clearSeeds();
  addSeeds(plus ?? [], 'plus');
  addSeeds(minus ?? [], 'minus');
  draft.value = draftOf(request, { id, name });
}

async function named(references: readonly string[], signal: AbortSignal): Promise<SeedItem[]> {
  const ids = idsOf(references);
  if (ids.length === 0) return [];
  const { items } = await api.trackRows(ids, signal);
  return items.map((each) => ({ kind: 'track', id: each.id, name: each.title }));
}
