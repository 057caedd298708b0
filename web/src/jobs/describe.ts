/** What a job does, how far it is, and what it has done, as texts and numbers for people. */
import type { Job } from '../api/endpoints';
import { formatDuration, formatLength, formatNumber, t, type TextKey } from '../i18n';

/** What the server reports as the message of a running job, by the text of the page. */
const STEPS: Record<string, TextKey> = {
  'scanning folders': 'job-step-scanning',
  analysing: 'job-step-analysing',
  'reading tags': 'job-step-tags',
  training: 'job-step-training',
  searching: 'job-step-searching',
  predicting: 'job-step-predicting',
  'reading tracks': 'job-step-reading-tracks',
  'writing playlists': 'job-step-writing-playlists',
  'reading the library': 'job-step-library',
  'looking for files': 'job-step-looking',
  'cancelled; what was finished is stored': 'job-step-cancelling',
  'the server was stopped; what was finished is stored': 'job-step-cancelling',
};

/** Whether a job has been told to end, and does when what it is at is finished. */
export const isEnding = ({ message }: Pick<Job, 'message'>): boolean => STEPS[message] === 'job-step-cancelling';

/** The last part of a path, of either kind of slash. */
export const baseName = (path: string): string =>
  path
    .replace(/[/\\]+$/, '')
    .split(/[/\\]/)
    .pop() || path;

/** What a job is about: the folders that are scanned, or the model. */
export function subject(job: Pick<Job, 'parameters'>): string {
  const { folders, name } = job.parameters;
  if (Array.isArray(folders)) return folders.map((each) => baseName(String(each))).join(', ');
  return typeof name === 'string' ? name : '';
}

export const jobTitle = ({ kind, parameters }: Pick<Job, 'kind' | 'parameters'>): string =>
  t(kind === 'prune' && parameters.dry_run !== false ? 'job-kind-missing' : `job-kind-${kind}`);

/** What a running job does now. */
export function jobStep(job: Job): string {
  const step = STEPS[job.message];
  if (step) return t(step);
  const scored = /^scoring (.+)$/.exec(job.message)?.[1];
  if (scored !== undefined) return t('job-step-scoring', { name: scored });
  return job.message || t(job.state === 'waiting' ? 'job-state-waiting' : 'job-step-starting');
}

/** The share that is finished, or null where the total is unknown. */
export const share = (job: Pick<Job, 'done' | 'total'>): number | null =>
  job.total ? Math.min(1, job.done / job.total) : null;

/** How fast a job is: 2.4 a second, 35 a minute, where that is known. */
export function rateText(rate: number | null): string {
  if (!rate || rate <= 0) return '';
  return rate >= 1
    ? t('job-rate-second', { rate: formatNumber(rate, 1) })
    : t('job-rate-minute', { rate: formatNumber(rate * 60, rate * 60 < 10 ? 1 : 0) });
}

/** How long a job still takes. */
export function timeLeft(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return '';
  if (seconds < 45) return t('job-left-soon');
  return t('job-left', { time: formatLength(Math.max(60, seconds)) });
}

/** How long a job ran. */
export function elapsed(job: Pick<Job, 'started_at' | 'ended_at'>): string {
  if (!job.started_at || !job.ended_at) return '';
  const seconds = (Date.parse(job.ended_at) - Date.parse(job.started_at)) / 1000;
  return formatDuration(Math.max(1, seconds));
}

const INGESTED: readonly [string, TextKey][] = [
  ['new', 'result-new'],
  ['reanalysed', 'result-reanalysed'],
  ['updated', 'result-updated'],
  ['moved', 'result-moved'],
  ['duplicates', 'result-duplicates'],
  ['removed', 'result-removed'],
  ['unchanged', 'result-unchanged'],
  ['failed', 'result-failed'],
];

/** What a job that ended has done, in a few words each. */
export function resultParts(job: Pick<Job, 'kind' | 'result' | 'parameters'>): string[] {
  const result = job.result ?? {};
  const count = (name: string): number => (typeof result[name] === 'number' ? result[name] : 0);
  switch (job.kind) {
    case 'ingest':
    case 'retry':
      return INGESTED.filter(([name]) => count(name) > 0).map(([name, text]) => t(text, { n: count(name) }));
    case 'refresh':
      return [
        t('result-refreshed', { n: count('refreshed') }),
        ...(count('failed') > 0 ? [t('result-failed', { n: count('failed') })] : []),
      ];
    case 'prune':
      if (!job.result) return [];
      if (count('tracks') === 0) return [t('prune-none')];
      return [t(job.parameters.dry_run === false ? 'prune-removed' : 'prune-found', { n: count('tracks') })];
    case 'predict':
      return 'predicted' in result ? [t('result-predicted', { n: count('predicted') })] : [];
    default:
      return [];
  }
}
