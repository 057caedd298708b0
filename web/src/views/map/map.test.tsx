import { signal } from '@preact/signals';
import { render, screen, waitFor } from '@testing-library/preact';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import MapView from '.';
import { player, type Player } from '../../player/interface';

const N = 4;
const REVISION = '0123456789abcdef';
const ANSWER = { revision: REVISION, count: N, genres: ['jazz', 'metal'], labels: [] };

/** Four tracks with the ids 11 to 14 in a row; the last one has no genre. */
function columns(): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(24 * N));
  for (let i = 0; i < N; i++) {
    view.setInt32(4 * i, 11 + i, true);
    view.setFloat32(4 * (N + i), i / 2 - 0.75, true);
    view.setUint16(12 * N + 2 * i, 1990 + i, true);
    view.setFloat32(14 * N + 4 * i, NaN, true);
    view.setUint16(22 * N + 2 * i, [0, 1, 0, 65535][i] ?? 0, true);
  }
  return view.buffer;
}

const answers: { body: unknown; status: number }[] = [];

beforeEach(() => {
  answers.length = 0;
  vi.stubGlobal('fetch', (address: string) => {
    if (address.includes('map/points')) {
      expect(address).toContain(REVISION);
      return Promise.resolve(new Response(columns()));
    }
    if (address.includes('/map')) {
      const [next] = answers.length > 1 ? answers.splice(0, 1) : answers;
      if (!next) throw new Error('no answer');
      const { body, status } = next;
      return Promise.resolve(new Response(JSON.stringify(body), { status }));
    }
    return Promise.resolve(new Response(JSON.stringify({ items: [], next: null })));
  });
  // happy-dom draws nothing
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue({ putImageData: vi.fn() } as never);
});
afterEach(() => vi.unstubAllGlobals());

const show = () => render(<MapView />);

describe('the view of the map', () => {
  it('shows the tracks and the legend of their genres', async () => {
    answers.push({ body: ANSWER, status: 200 });
    show();
    expect(await screen.findByRole('application')).toBeTruthy();
    const legend = screen.getByRole('list', { name: 'Colours' });
    expect(legend.textContent).toContain('jazz 2');
    expect(legend.textContent).toContain('metal 1');
  });

  it('changes its colours', async () => {
    answers.push({ body: ANSWER, status: 200 });
    show();
    await userEvent.click(await screen.findByRole('radio', { name: 'Year' }));
    expect(screen.getByText('1990')).toBeTruthy();
    expect(screen.getByText('1993')).toBeTruthy();
    await userEvent.click(screen.getByRole('radio', { name: 'Tempo' }));
    expect(screen.getByText('No track has this value.')).toBeTruthy();
  });

  it('draws what plays and what comes next as a way', async () => {
    answers.push({ body: ANSWER, status: 200 });
    const playing = { queue: signal([11, 12, 13, 14]), currentId: signal(13), playing: signal(true) };
    player.value = playing as unknown as Player;
    const { container } = show();
    await screen.findByRole('application');
    expect(container.querySelectorAll('.map-step').length).toBe(2);
    player.value = null;
  });

  it('shows how much of the map is made, and then the map', async () => {
    answers.push({ body: { progress: 0.25 }, status: 202 }, { body: ANSWER, status: 200 });
    show();
    const bar = await screen.findByRole('progressbar', { name: 'The map is being made' });
    expect((bar as HTMLProgressElement).value).toBe(0.25);
    await waitFor(() => screen.getByRole('application'), { timeout: 3000 });
  });

  it('says what helps where no track is analysed', async () => {
    answers.push({ body: { code: 'not_analysed', detail: 'no track has been analysed yet' }, status: 409 });
    show();
    expect(await screen.findByText('No map yet')).toBeTruthy();
  });

  it('says what has failed', async () => {
    answers.push({ body: { code: 'error', detail: 'the map cannot be made' }, status: 500 });
    show();
    expect((await screen.findByRole('alert')).textContent).toContain('the map cannot be made');
  });
});
