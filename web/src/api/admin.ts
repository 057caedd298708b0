/** The routes of the API that care for the library: folders, jobs, duplicates, genre models, settings. */
import { del, get, post } from './client';
import type { Job, Page } from './endpoints';
import type {
  DuplicateGroupRecord,
  FailureRecord,
  GenreModelRecord,
  GenreScorecardRecord,
  LabelIssueRecord,
  StatisticsRecord,
} from './records';

export interface FolderList {
  path: string;
  parent: string | null;
  items: { name: string; path: string }[];
  truncated: boolean;
  places: string[];
}

export interface Settings {
  version: string;
  database: string;
  folders: string[];
  watch: string[];
  schedule: string[];
  next_refresh: string | null;
  allow_ingest: boolean;
}

export interface Interval {
  mean: number;
  low: number;
  high: number;
}

/** What the page shows of the scores of a genre model. */
export interface GenreScores {
  tracks: number;
  accuracy: Interval;
  balanced_accuracy: Interval;
  f1_macro: Interval;
  genres: Record<string, { precision: number; recall: number; f1: number; tracks: number }>;
  /** rows are labels, columns are predictions */
  confusion: number[][];
}
export type Scorecard = Omit<GenreScorecardRecord, 'scores'> & { scores: GenreScores; messages: string[] };

export type JobRequest =
  | { kind: 'ingest'; folders: readonly string[] }
  | { kind: 'retry' | 'refresh' | 'evaluate' }
  | { kind: 'train'; name: string; labels: 'tags' | 'folders'; replace?: boolean }
  | { kind: 'tune'; name: string; labels: 'tags' | 'folders'; minutes: number; replace?: boolean }
  | { kind: 'prune'; dry_run: boolean; force: boolean }
  | { kind: 'predict'; name: string };

const model = (name: string): string => `genre-models/${encodeURIComponent(name)}`;

export const adminApi = {
  folders: (path: string | null, signal?: AbortSignal) => get<FolderList>('folders', { path }, signal),
  settings: (signal?: AbortSignal) => get<Settings>('settings', {}, signal),
  startJob: (request: JobRequest) => post<Job>('jobs', request),
  cancelJob: (id: string | number) => post<Job>(`jobs/${id}/cancel`),
  failures: (signal?: AbortSignal) => get<Page<FailureRecord>>('failures', {}, signal),
  duplicates: (n: number, signal?: AbortSignal) => get<Page<DuplicateGroupRecord>>('duplicates', { n }, signal),
  statisticsOf: (folder: string, signal?: AbortSignal) =>
    get<StatisticsRecord>('statistics', { folders: [folder] }, signal),
  genreModels: (signal?: AbortSignal) => get<Page<GenreModelRecord>>('genre-models', {}, signal),
  genreModel: (name: string, signal?: AbortSignal) => get<Scorecard>(model(name), {}, signal),
  suspects: (name: string, signal?: AbortSignal) =>
    get<Page<LabelIssueRecord>>(`${model(name)}/suspects`, { limit: 1000 }, signal),
  deleteGenreModel: (name: string) => del<unknown>(model(name)),
};
