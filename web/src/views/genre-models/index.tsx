/** The genre models: which one is active, how good each is, and the training of a further one. */
import { useState } from 'preact/hooks';
import { adminApi } from '../../api/admin';
import type { GenreModelRecord } from '../../api/records';
import { useResource } from '../../api/useResource';
import { formatDate, formatPercent, t } from '../../i18n';
import { JobProgress } from '../../jobs/JobProgress';
import { useTitle } from '../../layout/useTitle';
import { jobs } from '../../state/jobs';
import { Button, IconButton } from '../../ui/Button';
import { ErrorState, Loading } from '../../ui/states';
import { applyModel, DeleteModel } from './actions';
import { Train } from './Train';
import './genre-models.css';

const KINDS: ReadonlySet<string> = new Set(['train', 'tune', 'predict']);

export default function GenreModels() {
  const [training, setTraining] = useState(false);
  const [deleting, setDeleting] = useState<string | null>(null);
  const about = jobs.value.filter((job) => KINDS.has(job.kind));
  const found = useResource(`models ${about.filter((job) => job.ended_at !== null).length}`, (signal) =>
    adminApi.genreModels(signal),
  );
  useTitle(t('models-title'));
  const models = found.data?.items ?? [];
  return (
    <div class="models">
      <header class="view-head">
        <div>
          <h1>{t('models-title')}</h1>
          <p class="muted">{t('models-about')}</p>
        </div>
        <Button kind="primary" icon="plus" onClick={() => setTraining(true)}>
          {t('models-train')}
        </Button>
      </header>
      {about
        .filter((job) => job.ended_at === null)
        .map((job) => (
          <JobProgress key={job.id} job={job} />
        ))}
      {found.state === 'failed' ? (
        <ErrorState error={found.error} onRetry={found.reload} />
      ) : found.data === null ? (
        <Loading rows={4} />
      ) : (
        <ul class="model-list">
          {models.map((model) => (
            <Model key={model.name} model={model} onDelete={() => setDeleting(model.name)} />
          ))}
        </ul>
      )}
      {training && <Train names={models.map((each) => each.name)} onClose={() => setTraining(false)} />}
      {deleting !== null && (
        <DeleteModel
          name={deleting}
          onClose={() => setDeleting(null)}
          onDeleted={() => {
            setDeleting(null);
            found.reload();
          }}
        />
      )}
    </div>
  );
}

function Model({ model, onDelete }: { model: GenreModelRecord; onDelete: () => void }) {
  const shipped = model.made === null;
  const address = `genre-models/${encodeURIComponent(model.name)}`;
  return (
    <li class={`model-card ${model.active ? 'model-active' : ''}`}>
      <div class="model-text">
        <h2>
          {shipped ? (
            t('models-default')
          ) : (
            <a href={address}>
              <bdi>{model.name}</bdi>
            </a>
          )}
          {model.active && <span class="model-badge">{t('models-active')}</span>}
        </h2>
        <p class="muted">
          {shipped ? t('models-shipped') : t('models-made', { date: formatDate(model.made ?? '') })} ·{' '}
          {t('models-genres', { n: model.genres.length })} · {t('models-tracks', { n: model.tracks })}
        </p>
        <p class="model-genres">
          {model.genres.map((genre) => (
            <bdi key={genre}>{genre}</bdi>
          ))}
        </p>
      </div>
      {model.accuracy !== null && (
        <p class="model-accuracy">
          <strong>{formatPercent(model.accuracy)}</strong>
          <small class="muted">{t('models-accuracy')}</small>
        </p>
      )}
      <div class="model-actions">
        {!shipped && (
          <a class="button" href={address}>
            {t('models-scores')}
          </a>
        )}
        {!model.active && (
          <Button title={t('models-use-about')} onClick={() => applyModel(model.name)}>
            {t('models-use')}
          </Button>
        )}
        {!shipped && !model.active && (
          <IconButton icon="trash" label={t('models-delete-title', { name: model.name })} onClick={onDelete} />
        )}
      </div>
    </li>
  );
}
