/** The jobs of the server, as its events report them. */
import { signal } from '@preact/signals';
import { api, type Job } from '../api/endpoints';
import { subscribe } from '../api/events';

/** By id, newest first. */
export const jobs = signal<readonly Job[]>([]);

/** Jobs that will end, in the order in which they run; a watch runs as long as the server. */
export const runningJobs = (): readonly Job[] =>
  jobs.value
    .filter((job) => job.kind !== 'watch' && (job.state === 'running' || job.state === 'waiting'))
    .reverse()
    .sort((one, other) => Number(one.state === 'waiting') - Number(other.state === 'waiting'));

const STEP = 5000; // milliseconds between two readings of a library that grows
let lastStep = 0;
/** Counts up while an ingest stores tracks and when it ends: a list that reads it is loaded again. */
export const storedTracks = signal(0);

function noteProgress(job: Job): void {
  if (job.kind !== 'ingest' && job.kind !== 'watch') return;
  const ended = job.ended_at !== null && jobs.value.some((each) => each.id === job.id && each.ended_at === null);
  if (!ended && (job.state !== 'running' || Date.now() - lastStep < STEP)) return;
  lastStep = Date.now();
  storedTracks.value++;
}

function put(job: Job): void {
  noteProgress(job);
  const known = jobs.value.some((each) => each.id === job.id);
  jobs.value = known ? jobs.value.map((each) => (each.id === job.id ? job : each)) : [job, ...jobs.value];
}

/** Follow the jobs until the returned function is called. */
export function followJobs(): () => void {
  const load = (): void => {
    api.jobs().then(
      (page) => (jobs.value = page.items),
      () => undefined, // the events report what comes next
    );
  };
  return subscribe<Job>('jobs/events', 'job', put, load);
}
