/** Filters for everything that the table shows. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { api } from '../../api/endpoints';
import { useResource } from '../../api/useResource';
import { t } from '../../i18n';
import { Button } from '../../ui/Button';
import { readRange, RANGES, TEXTS, writeRange, type FilterName, type LibraryQuery } from './filters';

const DELAY = 300; // milliseconds after the last key
const KEYS = ['C', 'C#', 'D', 'D#', 'E', 'F', 'F#', 'G', 'G#', 'A', 'A#', 'B'].flatMap((note) => [
  `${note} major`,
  `${note} minor`,
]);

interface FilterPanelProperties {
  query: LibraryQuery;
  onChange: (query: LibraryQuery) => void;
}

export function FilterPanel({ query, onChange }: FilterPanelProperties) {
  const genres = useResource('genres', (signal) => api.genres(signal));
  const tagged = useResource('tagged-genres', (signal) => api.taggedGenres(signal));
  const set = (name: FilterName, value: string): void => {
    const filters = { ...query.filters };
    if (value) filters[name] = value;
    else delete filters[name];
    onChange({ ...query, filters });
  };
  const choice = (name: 'genre' | 'tagged_genre' | 'key', names: readonly string[]) => (
    <label class="field">
      {t(`filter-${name}`)}
      <select value={query.filters[name] ?? ''} onChange={(event) => set(name, event.currentTarget.value)}>
        <option value="">{t('any')}</option>
        {names.map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <section class="filter-panel" aria-label={t('filters')}>
      {TEXTS.map((name) => (
        <TextField
          key={name}
          label={t(`filter-${name}`)}
          value={query.filters[name] ?? ''}
          onChange={(value) => set(name, value)}
        />
      ))}
      {choice('genre', genres.data?.items.map((each) => each.name) ?? [])}
      {choice('tagged_genre', tagged.data?.items.map((each) => each.name) ?? [])}
      {choice('key', KEYS)}
      {RANGES.map((name) => (
        <RangeField key={name} name={name} value={query.filters[name] ?? ''} onChange={(value) => set(name, value)} />
      ))}
      <RangeField name="added" value={query.filters.added ?? ''} onChange={(value) => set('added', value)} />
      <div class="filter-clear">
        <Button onClick={() => onChange({ ...query, text: '', filters: {} })}>{t('filters-clear')}</Button>
      </div>
    </section>
  );
}

interface FieldProperties {
  value: string;
  onChange: (value: string) => void;
}

/** A field whose value counts when the user pauses. */
function useDelayed(value: string, onChange: (value: string) => void): [string, (next: string) => void] {
  const [text, setText] = useState(value);
  const change = useRef(onChange);
  change.current = onChange;
  const sent = useRef(value);
  useEffect(() => {
    if (value !== sent.current) {
      sent.current = value;
      setText(value);
    }
  }, [value]);
  useEffect(() => {
    if (text === sent.current) return undefined;
    const timer = setTimeout(() => {
      sent.current = text;
      change.current(text);
    }, DELAY);
    return () => clearTimeout(timer);
  }, [text]);
  return [text, setText];
}

function TextField({ label, value, onChange }: FieldProperties & { label: string }) {
  const [text, setText] = useDelayed(value, onChange);
  return (
    <label class="field">
      {label}
      <input value={text} onInput={(event) => setText(event.currentTarget.value)} />
    </label>
  );
}

function RangeField({ name, value, onChange }: FieldProperties & { name: (typeof RANGES)[number] | 'added' }) {
  const [text, setText] = useDelayed(value, onChange);
  const [low, high] = readRange(text);
  const label = t(`filter-${name}`);
  const field = (which: 'from' | 'to', shown: string, write: (next: string) => string) => {
    const common = {
      'aria-label': `${label}, ${t(which)}`,
      value: shown,
      onInput: (event: { currentTarget: HTMLInputElement }) => setText(write(event.currentTarget.value)),
    };
    return name === 'added' ? (
      <input type="date" {...common} />
    ) : (
      <input type="text" placeholder={t(which)} {...common} />
    );
  };
  return (
    <div class="field" role="group" aria-label={label}>
      <span aria-hidden="true">{label}</span>
      <div class="range-field">
        {field('from', low, (next) => writeRange(next, high === low ? '' : high))}
        <span aria-hidden="true">–</span>
        {field('to', high === low && text !== '' && !text.includes('..') ? '' : high, (next) => writeRange(low, next))}
      </div>
    </div>
  );
}
