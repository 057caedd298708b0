import { render, screen, waitFor } from '@testing-library/preact';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import Builder from '.';
import { current, navigate, startRouter } from '../../router';
import { clearSeeds } from '../../state/seeds';
import { DEFAULTS, draft, newDraft } from './request';

const PLAYLISTS: Record<string, unknown> = {
  3: { id: 3, name: 'Evening', request: { ...DEFAULTS, seeds: ['5'], not_like: ['6'] }, tracks: [] },
  4: { id: 4, name: 'Fixed', request: null, tracks: [] },
};
const TITLES: Record<string, string> = { 5: 'Five', 6: 'Six' };

const answer = (body: unknown, status = 200): Response => new Response(JSON.stringify(body), { status });

/** The page as it is after a reload: nothing but the address is left. */
function open(address: string) {
  clearSeeds();
  draft.value = newDraft();
  navigate(address);
  const Shown = () => <Builder parameters={{}} query={current.value.query} />;
  return render(<Shown />);
}

let stop: () => void;
beforeEach(() => {
  document.head.innerHTML = '<base href="/">';
  stop = startRouter();
  vi.stubGlobal('fetch', (address: string) => {
    const id = /playlists\/(\d+)/.exec(address)?.[1];
    if (id) return Promise.resolve(id in PLAYLISTS ? answer(PLAYLISTS[id]) : answer({ detail: 'gone' }, 404));
    if (address.includes('preview')) return Promise.resolve(answer({ name: '', tracks: [], unmet_constraints: [] }));
    const ids = new URLSearchParams(address.split('?')[1]).get('ids')?.split(',') ?? [];
    return Promise.resolve(
      answer({ items: ids.map((each) => ({ id: Number(each), title: TITLES[each] })), next: null }),
    );
  });
});
afterEach(() => {
  stop();
  vi.unstubAllGlobals();
});

describe('the builder of a saved playlist', () => {
  it.each(['once', 'again, as after a reload'])('shows its request %s', async () => {
    open('builder?playlist=3');
    expect(await screen.findByRole('heading', { name: 'Editing “Evening”' })).toBeTruthy();
    expect(screen.getByText('Five')).toBeTruthy();
    expect(screen.getByText('Six')).toBeTruthy();
    expect(location.search).toBe('?playlist=3');
  });

  it('has an address of its own until it starts over', async () => {
    open('builder?playlist=3');
    await userEvent.click(await screen.findByRole('button', { name: 'Start over' }));
    expect(await screen.findByRole('heading', { name: 'New playlist' })).toBeTruthy();
    expect(location.search).toBe('');
  });

  it('leaves fixed tracks to the view of the playlist', async () => {
    open('builder?playlist=4');
    await waitFor(() => expect(location.pathname).toBe('/playlists/4'));
  });

  it('shows why a playlist cannot be opened', async () => {
    open('builder?playlist=9');
    expect((await screen.findByRole('alert')).textContent).toContain('gone');
  });
});

it('begins from the likes', async () => {
  open('builder?from=likes');
  await waitFor(() => expect(draft.value.source).toBe('likes'));
  expect(await screen.findByRole('radio', { name: 'My likes', checked: true })).toBeTruthy();
});
