/** Filters of recommendations: genre, years, tempo; they stand in the address under the names of the API. */
import { useState } from 'preact/hooks';
import { api } from '../api/endpoints';
import { useResource } from '../api/useResource';
import { t } from '../i18n';

const NARROW = 760; // pixels; filters are closed there
const RANGES = ['year', 'bpm'] as const;
const NAMES = ['genres', ...RANGES.flatMap((name) => [`${name}_min`, `${name}_max`])];

/** The filters of an address as parameters of the API. */
export function filterParameters(query: URLSearchParams): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of NAMES) {
    const value = query.get(name);
    if (value) found[name] = value;
  }
  return found;
}

interface FilterFieldsProperties {
  query: URLSearchParams;
  onChange: (changes: Record<string, string | null>) => void;
}

export function FilterFields({ query, onChange }: FilterFieldsProperties) {
  const genres = useResource('genres', (signal) => api.genres(signal));
  const end = (name: string, label: string, which: 'from' | 'to') => (
    <input
      type="number"
      min={0}
      max={9999}
      aria-label={`${label}, ${t(which)}`}
      placeholder={t(which)}
      value={query.get(name) ?? ''}
      onChange={(event) => onChange({ [name]: event.currentTarget.value || null })}
    />
  );
  const [open] = useState(() => innerWidth > NARROW || Object.keys(filterParameters(query)).length > 0);
  return (
    <details class="filters-more" open={open}>
      <summary>{t('filters')}</summary>
      <div class="filter-fields">
        <label class="field">
          {t('filter-genre')}
          <select
            value={query.get('genres') ?? ''}
            onChange={(event) => onChange({ genres: event.currentTarget.value || null })}
          >
            <option value="">{t('any')}</option>
            {genres.data?.items.map((each) => (
              <option key={each.name} value={each.name}>
                {each.name}
              </option>
            ))}
          </select>
        </label>
        {RANGES.map((name) => {
          const label = t(`filter-${name}`);
          return (
            <div key={name} class="field" role="group" aria-label={label}>
              <span aria-hidden="true">{label}</span>
              <div class="range-field">
                {end(`${name}_min`, label, 'from')}
                <span aria-hidden="true">–</span>
                {end(`${name}_max`, label, 'to')}
              </div>
            </div>
          );
        })}
      </div>
    </details>
  );
}
