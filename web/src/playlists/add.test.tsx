import { act, render, screen, waitFor } from '@testing-library/preact';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { setLanguage } from '../i18n';
import { trackMenu } from '../tracks/actions';
import { addedTracks, AddToPlaylist } from './AddToPlaylist';

const asked: { method: string; path: string; body: unknown }[] = [];

beforeEach(async () => {
  asked.length = 0;
  addedTracks.value = null;
  await setLanguage('en');
  vi.stubGlobal('fetch', (path: string, { method, body }: { method: string; body?: string }) => {
    asked.push({ method, path, body: body === undefined ? null : (JSON.parse(body) as unknown) });
    const answer = path.endsWith('/playlists')
      ? { id: 7, items: [{ id: 5, name: 'Morning', n_tracks: 2 }] }
      : { id: 5, tracks: [{ id: 1 }, { id: 2 }] };
    return Promise.resolve(new Response(JSON.stringify(answer)));
  });
});
afterEach(() => vi.unstubAllGlobals());

const openFromMenu = (ids: readonly number[]) => {
  render(<AddToPlaylist />);
  return act(() =>
    trackMenu(ids)
      .find(({ label }) => label === 'Add to a playlist')
      ?.onSelect(),
  );
};
const changes = () => asked.filter(({ method }) => method !== 'GET');

describe('adding tracks to a playlist', () => {
  it('makes a new one of them', async () => {
    await openFromMenu([3, 4]);
    await userEvent.type(screen.getByRole('textbox', { name: 'New playlist', hidden: true }), 'Evening{Enter}');
    await waitFor(() => expect(addedTracks.value).toBeNull());
    expect(changes().map(({ body }) => body)).toEqual([{ name: 'Evening', track_ids: [3, 4] }]);
  });

  it('puts those that a saved one does not have at its end', async () => {
    await openFromMenu([2, 3, 3]);
    await userEvent.click(await screen.findByText('Morning'));
    await waitFor(() => expect(addedTracks.value).toBeNull());
    expect(changes()).toMatchObject([{ method: 'PUT', body: { track_ids: [1, 2, 3] } }]);
  });

  it('changes nothing where all are there', async () => {
    await openFromMenu([2]);
    await userEvent.click(await screen.findByText('Morning'));
    await waitFor(() => expect(addedTracks.value).toBeNull());
    expect(changes()).toEqual([]);
  });
});
