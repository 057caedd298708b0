/** All texts of the page, in the language of the user; numbers, dates and durations as that language writes them. */
import { signal } from '@preact/signals';
import { en } from './en';
import { problemTexts } from './problems';

export interface Plural {
  one: string;
  other: string;
}
export type TextKey = keyof typeof en;
/** Texts in another language: the same keys, and plurals where English has them. */
export type Translated<Texts> = { [K in keyof Texts]: Texts[K] extends string ? string : Plural };
export type Catalogue = Translated<typeof en>;
export type Language = 'en' | 'de';
export const LANGUAGES: Record<Language, string> = { en: 'English', de: 'Deutsch' };

const SETTING = 'recsys.language';
const catalogue = signal<Catalogue>(en);
/** The language of the texts. */
export const language = signal<Language>('en');
/** The locale of numbers and dates: that of the browser where it is of the same language. */
const locale = signal('en');

const isLanguage = (text: string | null): text is Language => text !== null && text in LANGUAGES;

/** The setting, else the first language of the browser that has a catalogue, else English. */
export function preferredLanguage(): Language {
  const stored = localStorage.getItem(SETTING);
  if (isLanguage(stored)) return stored;
  return navigator.languages.map((each) => each.slice(0, 2).toLowerCase()).find(isLanguage) ?? 'en';
}

/** Show all texts in a language; `remember` stores it as the setting. */
export async function setLanguage(next: Language, remember = false): Promise<void> {
  const german = next === 'de' ? await import('./de') : null;
  catalogue.value = german?.de ?? en;
  problemTexts.value = german?.problems ?? null;
  language.value = next;
  locale.value = navigator.languages.find((each) => each.toLowerCase().startsWith(next)) ?? next;
  document.documentElement.lang = next;
  if (remember) localStorage.setItem(SETTING, next);
}

/**
 * The text of a key. `{name}` is replaced by a value; numbers are written as the language writes them. The plural of a
 * text is chosen by the value `n`.
 */
export function t(key: TextKey, values: Record<string, string | number> = {}): string {
  const found: string | Plural = catalogue.value[key];
  let text: string;
  if (typeof found === 'string') text = found;
  else text = new Intl.PluralRules(language.value).select(Number(values.n)) === 'one' ? found.one : found.other;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : typeof value === 'number' ? formatNumber(value) : isolated(value);
  });
}

/** Letters that run from right to left, and characters that change the direction of what follows them. */
const CHANGES_DIRECTION = /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufeff]/;

/** A name in a sentence as `<bdi>` shows it: the words around it keep their places. */
const isolated = (name: string): string =>
  CHANGES_DIRECTION.test(name) ? `\u2068${name.replace(/\u2069/g, '')}\u2069` : name;

export const formatNumber = (value: number, digits = 0): string =>
  new Intl.NumberFormat(locale.value, { maximumFractionDigits: digits }).format(value);

export const formatPercent = (share: number): string =>
  new Intl.NumberFormat(locale.value, { style: 'percent', maximumFractionDigits: 0 }).format(share);

export const formatDate = (iso: string): string =>
  new Intl.DateTimeFormat(locale.value, { dateStyle: 'medium' }).format(new Date(iso));

export const formatDateTime = (iso: string): string =>
  new Intl.DateTimeFormat(locale.value, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso));

const BYTES = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

export function formatBytes(value: number): string {
  const power = value < 1 ? 0 : Math.min(Math.floor(Math.log10(value) / 3), BYTES.length - 1);
  return new Intl.NumberFormat(locale.value, {
    style: 'unit',
    unit: BYTES[power] ?? 'byte',
    maximumFractionDigits: power > 2 ? 1 : 0,
  }).format(value / 1000 ** power);
}

/** Names in a row, as the language joins them. */
export const formatList = (names: readonly string[]): string =>
  new Intl.ListFormat(locale.value, { type: 'unit' }).format(names);

/** The length of a track: 4:05, 1:02:03. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** The length of a list: 42 min, 3 h 5 min. */
export function formatLength(seconds: number): string {
  const unit = (value: number, name: string): string =>
    new Intl.NumberFormat(locale.value, { style: 'unit', unit: name, unitDisplay: 'short' }).format(value);
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return unit(minutes, 'minute');
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return unit(Math.round(hours / 24), 'day');
  return minutes % 60 === 0 ? unit(hours, 'hour') : `${unit(hours, 'hour')} ${unit(minutes % 60, 'minute')}`;
}
