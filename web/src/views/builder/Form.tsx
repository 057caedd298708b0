/** The form that edits the request for a playlist. */
import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';
import { get } from '../../api/client';
import { api, type Page } from '../../api/endpoints';
import { useResource } from '../../api/useResource';
import { t } from '../../i18n';
import { seeds } from '../../state/seeds';
import { Button } from '../../ui/Button';
import { Choice } from '../../ui/Chips';
import { Slider } from '../../ui/Slider';
import { Check } from './Check';
import { CurveChoice } from './Curves';
import { KEYS, withCompatible } from './keys';
import { NameField, type NameChoice } from './NameField';
import { Quotas } from './Quotas';
import { change, changeFilter, draft, filterCount, readInterval, showInterval, type Source } from './request';
import { SeedField } from './SeedField';

const MOST_TRACKS = 100; // of the slider; the field takes more
const MOST_MINUTES = 240;
const FASTEST = 999;
const LAST_YEAR = 9999;

export function Form() {
  const { request, source } = draft.value;
  const genres = useResource('genres', (signal) => api.genres(signal));
  const known = genres.data?.items ?? [];
  return (
    <form class="builder-form" aria-label={t('builder-form')} onSubmit={(event) => event.preventDefault()}>
      <Section title={t('builder-from')}>
        <Choice<Source>
          label={t('builder-from')}
          value={source}
          choices={[
            { value: 'seeds', label: t('builder-from-seeds') },
            { value: 'likes', label: t('builder-from-likes') },
          ]}
          onChange={(value) => {
            draft.value = { ...draft.value, source: value };
          }}
        />
        {source === 'seeds' ? <SeedField side="plus" /> : <p class="muted">{t('builder-likes-about')}</p>}
        <SeedField side="minus" />
        {source === 'seeds' && seeds.value.plus.length > 0 && (
          <Check
            label={t('builder-include-seeds')}
            checked={request.include_seeds}
            onChange={(include_seeds) => change({ include_seeds })}
          />
        )}
      </Section>
      <Section title={t('builder-length')}>
        <Length />
      </Section>
      <Section title={t('builder-energy')} about={t('builder-energy-about')}>
        <CurveChoice value={request.energy_curve} onChange={(energy_curve) => change({ energy_curve })} />
      </Section>
      <Section title={t('builder-character')}>
        {(['diversity', 'exploration'] as const).map((name) => (
          <div key={name} class="ended-slider">
            <Slider
              label={t(`builder-${name}`)}
              value={request[name]}
              min={0}
              max={10}
              step={0.5}
              onInput={(value) => change({ [name]: value })}
            />
            <div aria-hidden="true">
              <span>{t(`builder-${name}-low`)}</span>
              <span>{t(`builder-${name}-high`)}</span>
            </div>
          </div>
        ))}
      </Section>
      <Folded title={t('builder-filter')} set={filterCount(request.filter)}>
        <Filters genres={known} />
      </Folded>
      <Folded title={t('builder-quotas')} set={request.quotas.length}>
        <Quotas quotas={request.quotas} genres={known} onChange={(quotas) => change({ quotas })} />
      </Folded>
      <Folded title={t('builder-limits')} set={0}>
        <Limits />
      </Folded>
    </form>
  );
}

function Section({ title, about, children }: { title: string; about?: string; children: ComponentChildren }) {
  const id = useId();
  return (
    <section class="builder-section" aria-labelledby={id}>
      <div>
        <h2 id={id}>{title}</h2>
        {about && <p class="muted">{about}</p>}
      </div>
      {children}
    </section>
  );
}

/** A part that is closed until it is needed, or until something is set in it. */
function Folded({ title, set, children }: { title: string; set: number; children: ComponentChildren }) {
  const [open, setOpen] = useState(set > 0);
  return (
    <details class="builder-section" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <h2>{title}</h2>
        {set > 0 && <span class="badge">{t('builder-n-set', { n: set })}</span>}
      </summary>
      {open && <div class="folded">{children}</div>}
    </details>
  );
}

function Length() {
  const { n, minutes } = draft.value.request;
  const inMinutes = minutes !== null;
  const value = minutes ?? n ?? 25;
  const most = inMinutes ? MOST_MINUTES : MOST_TRACKS;
  const set = (next: number): void => {
    if (!Number.isFinite(next) || next < 1) return;
    change(inMinutes ? { n: null, minutes: next } : { n: Math.round(next), minutes: null });
  };
  return (
    <div class="length">
      <Choice
        label={t('builder-length')}
        value={inMinutes ? 'minutes' : 'tracks'}
        choices={[
          { value: 'tracks', label: t('builder-in-tracks') },
          { value: 'minutes', label: t('builder-in-minutes') },
        ]}
        onChange={(unit) => change(unit === 'minutes' ? { n: null, minutes: 60 } : { n: 25, minutes: null })}
      />
      <input
        type="range"
        aria-label={t('builder-length')}
        aria-valuetext={t(inMinutes ? 'n-minutes' : 'n-tracks', { n: value })}
        min={inMinutes ? 10 : 5}
        max={most}
        step={inMinutes ? 5 : 1}
        value={Math.min(value, most)}
        onInput={(event) => set(event.currentTarget.valueAsNumber)}
      />
      <input
        type="number"
        inputMode="numeric"
        aria-label={t(inMinutes ? 'builder-in-minutes' : 'builder-in-tracks')}
        min={1}
        max={inMinutes ? 6000 : 5000}
        value={value}
        onInput={(event) => set(event.currentTarget.valueAsNumber)}
      />
    </div>
  );
}

function Filters({ genres }: { genres: readonly NameChoice[] }) {
  const { filter } = draft.value.request;
  const tagged = useResource('tagged-genres', (signal) => api.taggedGenres(signal));
  const moods = useResource('moods', (signal) => get<Page<string>>('moods', {}, signal));
  const tags = useResource('tags', (signal) => get<Page<string>>('tags', {}, signal));
  const named = (names: readonly string[] | undefined): NameChoice[] => (names ?? []).map((name) => ({ name }));
  const compatible = withCompatible(filter.keys);
  return (
    <>
      <NameField
        label={t('builder-genres')}
        names={genres}
        value={filter.genres}
        onChange={(value) => changeFilter({ genres: value })}
      />
      <NameField
        label={t('builder-excluded')}
        names={genres}
        value={filter.excluded_genres}
        onChange={(value) => changeFilter({ excluded_genres: value })}
      />
      <NameField
        label={t('builder-tagged')}
        names={tagged.data?.items ?? []}
        value={filter.tagged_genres}
        onChange={(value) => changeFilter({ tagged_genres: value })}
      />
      <Interval
        label={t('builder-tempo')}
        most={FASTEST}
        value={filter.bpm_range}
        onChange={(bpm_range) => changeFilter({ bpm_range })}
      />
      <Interval
        label={t('builder-year')}
        most={LAST_YEAR}
        value={filter.year_range}
        onChange={(year_range) => changeFilter({ year_range })}
      />
      <div>
        <NameField
          label={t('builder-keys')}
          names={named(KEYS)}
          value={filter.keys}
          onChange={(keys) => changeFilter({ keys })}
        />
        {compatible.length > filter.keys.length && (
          <Button class="below" icon="plus" onClick={() => changeFilter({ keys: compatible })}>
            {t('builder-compatible')}
          </Button>
        )}
      </div>
      <NameField
        label={t('builder-moods')}
        names={named(moods.data?.items)}
        value={filter.moods}
        onChange={(value) => changeFilter({ moods: value })}
      />
      <NameField
        label={t('builder-tags')}
        names={named(tags.data?.items)}
        value={filter.tags}
        onChange={(value) => changeFilter({ tags: value })}
      />
    </>
  );
}

interface IntervalProperties {
  label: string;
  most: number;
  value: readonly number[] | null;
  onChange: (range: number[] | null) => void;
}

/** A range of numbers with open ends; a reversed one is marked, and not asked for. */
function Interval({ label, most, value, onChange }: IntervalProperties) {
  const [texts, setTexts] = useState(showInterval(value, most));
  const note = useId();
  const reversed = readInterval(texts[0], texts[1], most) === undefined;
  const set = (next: [string, string]): void => {
    setTexts(next);
    const range = readInterval(next[0], next[1], most);
    if (range !== undefined) onChange(range);
  };
  const field = (which: 'from' | 'to', text: string, write: (next: string) => [string, string]) => (
    <input
      type="text"
      inputMode="numeric"
      aria-label={`${label}, ${t(which)}`}
      placeholder={t(which)}
      value={text}
      {...(reversed && { 'aria-invalid': true, 'aria-describedby': note })}
      onInput={(event) => set(write(event.currentTarget.value))}
    />
  );
  return (
    <div class="interval" role="group" aria-label={label}>
      <span aria-hidden="true">{label}</span>
      <div>
        {field('from', texts[0], (next) => [next, texts[1]])}
        <span aria-hidden="true">–</span>
        {field('to', texts[1], (next) => [texts[0], next])}
      </div>
      {reversed && (
        <p id={note} class="form-error">
          {t('builder-reversed')}
        </p>
      )}
    </div>
  );
}

function Limits() {
  const { request } = draft.value;
  return (
    <>
      <Count
        label={t('builder-per-artist')}
        about={t('builder-no-limit')}
        value={request.max_per_artist}
        onChange={(max_per_artist) => change({ max_per_artist })}
      />
      <Count
        label={t('builder-per-album')}
        about={t('builder-no-limit')}
        value={request.max_per_album}
        onChange={(max_per_album) => change({ max_per_album })}
      />
      <Count
        label={t('builder-gap')}
        about={t('builder-gap-about')}
        value={request.min_artist_gap}
        onChange={(min_artist_gap) => change({ min_artist_gap })}
      />
      <Count
        label={t('builder-shortest')}
        value={request.min_duration}
        onChange={(min_duration) => change({ min_duration })}
      />
      <Count
        label={t('builder-longest')}
        about={t('builder-no-limit')}
        value={request.max_duration / 60}
        onChange={(minutes) => change({ max_duration: minutes * 60 })}
      />
      <Check
        label={t('builder-recent')}
        checked={request.exclude_recent}
        onChange={(exclude_recent) => change({ exclude_recent })}
      />
    </>
  );
}

interface CountProperties {
  label: string;
  about?: string;
  value: number;
  onChange: (value: number) => void;
}

function Count({ label, about, value, onChange }: CountProperties) {
  const id = useId();
  return (
    <div class="count">
      <label for={id}>
        {label}
        {about && <small class="muted">{about}</small>}
      </label>
      <input
        id={id}
        type="number"
        inputMode="numeric"
        min={0}
        value={value}
        onInput={(event) => {
          const next = Math.round(event.currentTarget.valueAsNumber);
          if (next >= 0) onChange(next);
        }}
      />
    </div>
  );
}
