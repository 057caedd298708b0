import { afterEach, expect, it } from 'vitest';
import type { Job } from '../api/endpoints';
import { jobs, runningJobs } from './jobs';

const job = (id: string, kind: Job['kind'], state: Job['state']): Job => ({ id, kind, state }) as Job;

afterEach(() => (jobs.value = []));

it('lists what has begun, then what waits, but no watch, which has no end', () => {
  jobs.value = [
    job('1', 'ingest', 'waiting'),
    job('2', 'evaluate', 'running'),
    job('3', 'watch', 'running'),
    job('4', 'ingest', 'done'),
  ];
  expect(runningJobs().map((each) => each.id)).toEqual(['2', '1']);
});
