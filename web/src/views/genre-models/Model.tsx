/** The scores of a genre model: how good it is, what it takes for what, and which genres it finds. */
import { useState } from 'preact/hooks';
import { adminApi, type Interval, type Scorecard } from '../../api/admin';
import { useResource } from '../../api/useResource';
import { formatNumber, formatPercent, t } from '../../i18n';
import { useTitle } from '../../layout/useTitle';
import { navigate, type ViewProperties } from '../../router';
import { Button } from '../../ui/Button';
import { ErrorState, Loading } from '../../ui/states';
import { applyModel, DeleteModel } from './actions';
import { mistakes, rowShares } from './confusion';
import './genre-models.css';

export default function Model({ parameters }: ViewProperties) {
  const name = parameters.name ?? '';
  const [deleting, setDeleting] = useState(false);
  const found = useResource(name, async (signal) => {
    const [card, models] = await Promise.all([adminApi.genreModel(name, signal), adminApi.genreModels(signal)]);
    return { card, active: models.items.some((each) => each.name === name && each.active) };
  });
  useTitle(name);
  const { data } = found;
  return (
    <div class="models">
      <header class="view-head">
        <div>
          <p class="back">
            <a href="genre-models">{t('models-title')}</a>
          </p>
          <h1>
            <bdi>{name}</bdi>
            {data?.active && <span class="model-badge">{t('models-active')}</span>}
          </h1>
        </div>
        {data && (
          <>
            <a class="button button-primary" href={`genre-models/${encodeURIComponent(name)}/suspects`}>
              {t('models-suspects')}
            </a>
            {!data.active && <Button onClick={() => applyModel(name)}>{t('models-use')}</Button>}
            {!data.active && (
              <Button kind="danger" icon="trash" onClick={() => setDeleting(true)}>
                {t('models-delete')}
              </Button>
            )}
          </>
        )}
      </header>
      {found.state === 'failed' ? (
        <ErrorState error={found.error} onRetry={found.reload} />
      ) : data === null ? (
        <Loading rows={8} />
      ) : (
        <Scores card={data.card} />
      )}
      {deleting && (
        <DeleteModel name={name} onClose={() => setDeleting(false)} onDeleted={() => navigate('genre-models')} />
      )}
    </div>
  );
}

function Scores({ card }: { card: Scorecard }) {
  const { scores } = card;
  return (
    <>
      <p class="muted">{t('models-scores-about', { n: scores.tracks })}</p>
      <dl class="scores">
        <Score name={t('models-accuracy')} about={t('models-accuracy-about')} value={scores.accuracy} />
        <Score name={t('models-balanced')} about={t('models-balanced-about')} value={scores.balanced_accuracy} />
        <Score name={t('models-f1')} about={t('models-f1-about')} value={scores.f1_macro} />
      </dl>
      <ul class="model-messages muted" lang="en">
        {card.messages.map((message) => (
          <li key={message}>{message}</li>
        ))}
      </ul>
      <section aria-labelledby="confusion">
        <h2 id="confusion">{t('models-confusion')}</h2>
        <p class="muted">{t('models-confusion-about')}</p>
        <Confusion genres={card.genres} matrix={scores.confusion} />
      </section>
      <section aria-labelledby="by-genre">
        <h2 id="by-genre">{t('models-by-genre')}</h2>
        <ByGenre card={card} />
      </section>
    </>
  );
}

function Score({ name, about, value }: { name: string; about: string; value: Interval }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <strong>{formatPercent(value.mean)}</strong>
        <span class="number">
          {t('models-range', { low: formatPercent(value.low), high: formatPercent(value.high) })}
        </span>
        <small class="muted">{about}</small>
      </dd>
    </div>
  );
}

const DARKEST = 55; // % of the accent; the text is readable on it in both themes

/** The confusion matrix: a table whose cells are the darker, the larger their share of the row is. */
function Confusion({ genres, matrix }: { genres: readonly string[]; matrix: readonly (readonly number[])[] }) {
  const shares = rowShares(matrix);
  const worst = mistakes(genres, matrix);
  return (
    <div class="confusion">
      <div class="heat-scroll" tabIndex={0} role="region" aria-labelledby="confusion">
        <table class="heat">
          <thead>
            <tr>
              <th scope="col">
                <small class="muted">{t('models-confusion-corner')}</small>
              </th>
              {genres.map((genre) => (
                <th key={genre} scope="col">
                  <span>
                    <bdi>{genre}</bdi>
                  </span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {matrix.map((row, i) => (
              <tr key={genres[i]}>
                <th scope="row">
                  <bdi>{genres[i]}</bdi>
                </th>
                {row.map((n, j) => {
                  const share = shares[i]?.[j] ?? 0;
                  const title = t('models-confusion-cell', { label: genres[i] ?? '', predicted: genres[j] ?? '', n });
                  return (
                    <td
                      key={genres[j]}
                      class={i === j ? 'heat-right' : ''}
                      style={{ '--share': `${Math.round(share * DARKEST)}%` }}
                      title={title}
                    >
                      {n > 0 ? formatNumber(n) : <span class="visually-hidden">0</span>}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div class="mistakes">
        <h3>{t('models-confused')}</h3>
        {worst.length === 0 ? (
          <p class="muted">{t('models-confused-none')}</p>
        ) : (
          <ol>
            {worst.map(({ label, predicted, tracks }) => (
              <li key={`${label} ${predicted}`}>
                <bdi>{t('models-confused-pair', { label, predicted })}</bdi>
                <span class="muted number">{t('n-tracks', { n: tracks })}</span>
              </li>
            ))}
          </ol>
        )}
      </div>
    </div>
  );
}

function ByGenre({ card }: { card: Scorecard }) {
  return (
    <div class="heat-scroll" tabIndex={0} role="region" aria-labelledby="by-genre">
      <table class="by-genre">
        <thead>
          <tr>
            <th scope="col">{t('models-genre')}</th>
            <th scope="col" title={t('models-precision-about')}>
              {t('models-precision')}
            </th>
            <th scope="col" title={t('models-recall-about')}>
              {t('models-recall')}
            </th>
            <th scope="col">{t('models-count')}</th>
          </tr>
        </thead>
        <tbody>
          {card.genres.map((genre) => {
            const each = card.scores.genres[genre];
            if (!each) return null;
            return (
              <tr key={genre}>
                <th scope="row">
                  <bdi>{genre}</bdi>
                </th>
                <Share value={each.precision} />
                <Share value={each.recall} />
                <td class="number">{formatNumber(each.tracks)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Share({ value }: { value: number }) {
  return (
    <td>
      <span class="share">
        <span class="share-bar" aria-hidden="true">
          <span style={{ inlineSize: `${value * 100}%` }} />
        </span>
        <span class="number">{formatPercent(value)}</span>
      </span>
    </td>
  );
}
