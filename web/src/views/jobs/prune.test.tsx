import { act, render, screen, waitFor } from '@testing-library/preact';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Job } from '../../api/endpoints';
import { jobs } from '../../state/jobs';
import { Prune } from './Prune';

const FOUND = {
  tracks: 2,
  rated: 1,
  locations: 2,
  failures: 0,
  reappeared: 0,
  sample_paths: ['/music/a.mp3', '/music/b.mp3'],
  kept: [{ folder: '/usb', files: 7, reason: 'not_mounted' }],
};
const asked: unknown[] = [];

beforeEach(() => {
  asked.length = 0;
  jobs.value = [];
  vi.stubGlobal('fetch', (_: string, { body }: { body: string }) => {
    asked.push(JSON.parse(body));
    const job = { id: asked.length, kind: 'prune', state: 'waiting', parameters: JSON.parse(body) as unknown };
    return Promise.resolve(new Response(JSON.stringify({ ...job, failed: 0, message: '' }), { status: 202 }));
  });
});
afterEach(() => vi.unstubAllGlobals());

/** The event of a job that ends. */
const end = (id: number, fields: Partial<Job>) =>
  act(() => {
    jobs.value = [
      { id, kind: 'prune', parameters: {}, failed: 0, message: '', error: null, ...fields } as unknown as Job,
    ];
  });

describe('missing tracks', () => {
  it('are shown before they are removed', async () => {
    const onClose = vi.fn();
    render(<Prune onClose={onClose} />);
    expect(await screen.findByText('Waiting')).toBeTruthy();
    await end(1, { state: 'done', result: FOUND });
    expect(screen.getByRole('status', { hidden: true }).textContent).toContain('2 tracks');
    expect(screen.getByText('/music/b.mp3')).toBeTruthy();
    expect(screen.getByText(/7 files in \/usb stay/)).toBeTruthy();
    expect(asked).toEqual([{ kind: 'prune', dry_run: true, force: false }]);
    await userEvent.click(screen.getByText('Remove 2'));
    expect(asked[1]).toEqual({ kind: 'prune', dry_run: false, force: false });
    expect(onClose).toHaveBeenCalled();
  });

  it('that are none cannot be removed', async () => {
    render(<Prune onClose={vi.fn()} />);
    await screen.findByText('Waiting');
    await end(1, { state: 'done', result: { ...FOUND, tracks: 0, rated: 0, sample_paths: [] } });
    expect(screen.getByText('No track is missing.')).toBeTruthy();
    expect(screen.queryByText(/^Remove \d/)).toBeNull();
  });

  it('that are most of a folder are shown on demand', async () => {
    render(<Prune onClose={vi.fn()} />);
    await screen.findByText('Waiting');
    await end(1, { state: 'failed', error: { code: 'prune_refused', detail: 'more than half is gone', hint: null } });
    expect(screen.getByText('more than half is gone')).toBeTruthy();
    await userEvent.click(screen.getByText('Show them anyway'));
    await waitFor(() => expect(asked[1]).toEqual({ kind: 'prune', dry_run: true, force: true }));
  });
});
