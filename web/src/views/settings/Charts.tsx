/** Small charts of counts: lists for screen readers, bars for eyes. */
import { formatNumber, t } from '../../i18n';
import type { Bar } from './charts';

interface ChartProperties {
  title: string;
  data: readonly Bar[];
  /** where the tracks of a bar are */
  link?: (name: string) => string;
}

/** Bars that lie: for names. */
export function BarList({ title, data, link }: ChartProperties) {
  if (data.length === 0) return null;
  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      <ul class="bar-list">
        {data.map(({ name, count, share }) => (
          <li key={name}>
            {link ? (
              <a href={link(name)}>
                <bdi>{name}</bdi>
              </a>
            ) : (
              <bdi>{name}</bdi>
            )}
            <span class="chart-bar" aria-hidden="true">
              <span style={{ inlineSize: `${share * 100}%` }} />
            </span>
            <span class="number muted">{formatNumber(count)}</span>
          </li>
        ))}
      </ul>
    </figure>
  );
}

/** Bars that stand: for numbers in their order. */
export function Columns({
  title,
  data,
  label = (name: string) => name,
}: ChartProperties & { label?: (name: string) => string }) {
  if (data.length === 0) return null;
  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      <ul class="columns">
        {data.map(({ name, count, share }) => (
          <li key={name} title={`${label(name)}: ${t('n-tracks', { n: count })}`}>
            <span class="visually-hidden">
              {label(name)}: {t('n-tracks', { n: count })}
            </span>
            <span class="column" aria-hidden="true">
              <span style={{ blockSize: `${share * 100}%` }} />
            </span>
            <small class="muted" aria-hidden="true">
              {label(name)}
            </small>
          </li>
        ))}
      </ul>
    </figure>
  );
}
