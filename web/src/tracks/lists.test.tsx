import { fireEvent, render, screen, waitFor } from '@testing-library/preact';
import { beforeEach, expect, it, vi } from 'vitest';
import { api } from '../api/endpoints';
import type { TrackRowRecord } from '../api/records';
import { PlaylistRows } from '../playlists/PlaylistRows';
import { nothingSelected } from '../ui/selection';
import { TrackTable } from './TrackTable';
import { useRating } from './useRating';

const track = (id: number): TrackRowRecord =>
  ({
    id,
    title: `Track ${id}`,
    artist: null,
    artists: [],
    artist_ids: [],
    added_at: null,
    bpm: null,
    album: null,
    plays: 0,
    duration: 60,
    rating: 0,
  }) as unknown as TrackRowRecord;

beforeEach(() => {
  vi.spyOn(api, 'trackRows').mockImplementation((ids) => Promise.resolve({ items: ids.map(track), next: null }));
});

it('a table is one stop of the Tab key, with the actions of the active row', async () => {
  const selection = { ...nothingSelected<number>(), active: 1 };
  render(<TrackTable label="Tracks" ids={[1, 2, 3]} selection={selection} onSelection={() => undefined} />);
  const buttons = await screen.findAllByRole('button');
  await waitFor(() => expect(screen.getAllByRole('button', { name: /Actions for/ }).length).toBe(3));
  expect(buttons.length).toBeGreaterThan(0);
  const stops = screen.getAllByRole('button').filter((each) => each.tabIndex === 0);
  expect(stops.map((each) => each.getAttribute('aria-label'))).toEqual(['Actions for Track 2']);
});

it('the end of a long playlist is reached by keyboard', () => {
  const tracks = Array.from({ length: 301 }, (_, index) => track(index + 1));
  render(<PlaylistRows label="List" tracks={tracks} removeLabel={(name) => name} />);
  const [first] = screen.getAllByRole('row');
  first?.focus();
  if (first) fireEvent.keyDown(first, { key: 'End' });
  expect(document.activeElement?.getAttribute('aria-rowindex')).toBe('301');
}, 60_000);

it('an album shows the like that it has, and the one that is given', async () => {
  const like = { liked_albums: [{ id: 7 }], disliked_albums: [] };
  vi.spyOn(api, 'ratings').mockResolvedValue(like as never);
  const store = vi.spyOn(api, 'rate').mockResolvedValue(undefined);
  function Shown() {
    const [rating, rate] = useRating('album', 7);
    return <button onClick={() => rate(0)}>{rating}</button>;
  }
  render(<Shown />);
  const button = await screen.findByText('1');
  fireEvent.click(button);
  expect(button.textContent).toBe('0');
  expect(store).toHaveBeenCalledWith('album', 7, 0);
});
