import { describe, expect, it } from 'vitest';
import type { Job } from '../api/endpoints';
import { baseName, elapsed, jobStep, rateText, resultParts, share, subject, timeLeft } from './describe';

const job = (changes: Partial<Job> = {}): Job => ({
  id: '00000001',
  kind: 'ingest',
  state: 'running',
  parameters: {},
  done: 0,
  total: null,
  failed: 0,
  rate: null,
  seconds_left: null,
  message: '',
  created_at: '2026-01-01T00:00:00+00:00',
  started_at: null,
  ended_at: null,
  result: null,
  error: null,
  ...changes,
});

describe('the texts of a job', () => {
  it('names folders by their last part, on every system', () => {
    expect(baseName('/srv/music/')).toBe('music');
    expect(baseName('C:\\Users\\Ann\\Music')).toBe('Music');
    expect(baseName('/')).toBe('/');
    expect(subject(job({ parameters: { folders: ['/a/b', '/c/d'] } }))).toBe('b, d');
    expect(subject(job({ parameters: { name: 'mine' } }))).toBe('mine');
  });

  it('has a share only where the total is known', () => {
    expect(share(job({ done: 3, total: 12 }))).toBe(0.25);
    expect(share(job({ done: 3 }))).toBeNull();
    expect(share(job({ done: 0, total: 0 }))).toBeNull();
    expect(share(job({ done: 13, total: 12 }))).toBe(1);
  });

  it('translates what the server reports, and shows other messages as they are', () => {
    expect(jobStep(job({ message: 'reading tags' }))).toBe('Reading tags');
    expect(jobStep(job({ message: 'scoring genres' }))).toBe('Scoring: genres');
    expect(jobStep(job({ message: 'Quiet evening' }))).toBe('Quiet evening');
    expect(jobStep(job({ state: 'waiting' }))).toBe('Waiting');
    expect(jobStep(job({ message: 'cancelled; what was finished is stored' }))).toBe(
      'Ending; what is finished is kept',
    );
  });

  it('tells the rate in the unit that has digits', () => {
    expect(rateText(2.44)).toBe('2.4 per second');
    expect(rateText(0.5)).toBe('30 per minute');
    expect(rateText(0)).toBe('');
    expect(rateText(null)).toBe('');
  });

  it('tells the time that is left, roughly', () => {
    expect(timeLeft(null)).toBe('');
    expect(timeLeft(20)).toBe('Less than a minute left');
    expect(timeLeft(46)).toBe('About 1 min left');
    expect(timeLeft(3700)).toBe('About 1 hr 2 min left');
  });

  it('tells how long it ran', () => {
    const started_at = '2026-01-01T00:00:00+00:00';
    expect(elapsed({ started_at, ended_at: '2026-01-01T00:01:05+00:00' })).toBe('1:05');
    expect(elapsed({ started_at: null, ended_at: started_at })).toBe('');
  });

  it('lists only what has happened', () => {
    expect(resultParts(job({ result: { new: 2, updated: 0, failed: 1 } }))).toEqual(['2 new tracks', '1 failed']);
    expect(resultParts(job({ kind: 'refresh', result: { refreshed: 1, failed: 0 } }))).toEqual([
      '1 playlist refreshed',
    ]);
    expect(resultParts(job())).toEqual([]);
  });
});
