import { fireEvent, render, screen, within } from '@testing-library/preact';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { setLanguage } from '../i18n';
import { addedTracks } from '../playlists/AddToPlaylist';
import { putRows } from '../state/rows';
import { PlayerBar } from './PlayerBar';
import { EMPTY, playTracks } from './queue';
import { rowOf, serve, type Request } from './fakes';
import { panel, position, queue, settings } from './state';
import { heights, positionAfterKey } from './Waveform';

let requests: Request[];

beforeEach(async () => {
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe = (): void => undefined;
      disconnect = (): void => undefined;
    },
  );
  vi.spyOn(HTMLMediaElement.prototype, 'play').mockResolvedValue();
  requests = serve();
  localStorage.clear();
  settings.value = { ...settings.value, shortcuts: true, muted: false };
  putRows([1, 2, 3].map(rowOf));
  queue.value = playTracks(EMPTY, [1, 2, 3], 0);
  position.value = 61;
  panel.value = null;
  addedTracks.value = null;
  await setLanguage('en');
});

const titles = (): string[] =>
  within(screen.getByRole('list'))
    .getAllByRole('listitem')
    .map((item) => item.querySelector('.player-title')?.textContent ?? '');

describe('player bar', () => {
  it('is absent while the queue is empty', () => {
    queue.value = EMPTY;
    render(<PlayerBar />);
    expect(screen.queryByRole('region', { name: 'Player' })).toBeNull();
  });

  it('shows the track and names every control', () => {
    render(<PlayerBar />);
    const bar = screen.getByRole('region', { name: 'Player' });
    expect(within(bar).getByRole('link', { name: 'Track 1' }).getAttribute('href')).toBe('tracks/1');
    for (const button of within(bar).getAllByRole('button')) expect(button.getAttribute('aria-label')).toBeTruthy();
  });

  it('has the position as a slider with a text', () => {
    render(<PlayerBar />);
    const slider = screen.getByRole('slider', { name: 'Position' });
    expect(slider.getAttribute('aria-valuetext')).toBe('1:01 of 3:20');
    fireEvent.keyDown(slider, { key: 'PageUp' });
    expect(position.value).toBe(91);
    fireEvent.keyDown(slider, { key: 'Home' });
    expect(position.value).toBe(0);
  });

  it('likes, and takes the like back', async () => {
    render(<PlayerBar />);
    await userEvent.click(screen.getByRole('button', { name: 'Like' }));
    await userEvent.click(screen.getByRole('button', { name: 'Remove the like' }));
    const ratings = requests.filter(({ path }) => path === 'tracks/1/rating').map(({ body }) => body);
    expect(ratings).toEqual([{ rating: 1 }, { rating: 0 }]);
  });

  it('speaks German', async () => {
    await setLanguage('de');
    render(<PlayerBar />);
    expect(screen.getByRole('slider', { name: 'Position' }).getAttribute('aria-valuetext')).toBe('1:01 von 3:20');
    expect(
      within(screen.getByRole('group', { name: 'Wiedergabe' })).getByRole('button', { name: 'Voriger Titel' }),
    ).toBeTruthy();
  });
});

describe('shortcuts', () => {
  it('work in the page, not while something is typed, nor with Ctrl', async () => {
    render(
      <>
        <input aria-label="Search" />
        <PlayerBar />
      </>,
    );
    await userEvent.type(screen.getByRole('textbox'), 'mqm');
    fireEvent.keyDown(document.body, { key: 'm', ctrlKey: true });
    expect(settings.value.muted).toBe(false);
    expect(panel.value).toBeNull();
    fireEvent.keyDown(document.body, { key: 'm' });
    expect(settings.value.muted).toBe(true);
    fireEvent.keyDown(document.body, { key: 'ArrowRight' });
    expect(position.value).toBe(71);
  });

  it('leave the keys of widgets alone', () => {
    render(<PlayerBar />);
    const event = new KeyboardEvent('keydown', { key: ' ', bubbles: true, cancelable: true });
    within(screen.getByRole('group', { name: 'Playback' }))
      .getByRole('button', { name: 'Shuffle' })
      .dispatchEvent(event);
    expect(event.defaultPrevented).toBe(false);
  });

  it('can be turned off in the help', async () => {
    render(<PlayerBar />);
    fireEvent.keyDown(document.body, { key: '?' });
    await userEvent.click(await screen.findByRole('checkbox', { name: 'Use single keys as shortcuts' }));
    panel.value = null;
    fireEvent.keyDown(document.body, { key: 'm' });
    expect(settings.value.muted).toBe(false);
  });
});

describe('queue panel', () => {
  it('moves and removes entries by keyboard, and says so', () => {
    panel.value = 'queue';
    render(<PlayerBar />);
    expect(titles()).toEqual(['Track 1', 'Track 2', 'Track 3']);
    fireEvent.keyDown(screen.getByRole('button', { name: /^Track 3/ }), {
      key: 'ArrowUp',
      altKey: true,
    });
    expect(titles()).toEqual(['Track 1', 'Track 3', 'Track 2']);
    expect(screen.getByRole('status').textContent).toBe('Track 3 is now at place 2 of 3.');
    fireEvent.keyDown(screen.getByRole('button', { name: /^Track 3/ }), { key: 'Delete' });
    expect(titles()).toEqual(['Track 1', 'Track 2']);
  });

  it('offers the queue for a playlist', async () => {
    panel.value = 'queue';
    render(<PlayerBar />);
    await userEvent.click(screen.getByRole('button', { name: 'Save as a playlist' }));
    expect(addedTracks.value).toEqual([1, 2, 3]);
  });
});

describe('waveform', () => {
  it('shows the highest of the peaks that fall on a bar', () => {
    expect(heights([0.1, 0.9, 0.2, 0.3], 2)).toEqual([0.9, 0.3]);
    expect(heights([0.5, 1], 4)).toEqual([0.5, 0.5, 1, 1]);
    expect(heights([], 2)).toEqual([0, 0]);
  });

  it('stays within the track', () => {
    expect(positionAfterKey('ArrowLeft', 3, 100)).toBe(0);
    expect(positionAfterKey('End', 3, 100)).toBe(100);
    expect(positionAfterKey('a', 3, 100)).toBeNull();
  });
});
