import { fireEvent, render, screen } from '@testing-library/preact';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { setLanguage } from '../i18n';
import { FolderPicker } from './FolderPicker';

let answer: () => void; // of the first request

beforeEach(async () => {
  await setLanguage('en');
  const folder = { path: '/home/me', parent: '/home', places: ['/'], truncated: false, items: [] };
  const first = new Promise<Response>((resolve) => {
    answer = () => resolve(new Response(JSON.stringify(folder)));
  });
  vi.stubGlobal('fetch', (path: string) =>
    path.includes('path=')
      ? Promise.resolve(
          new Response(JSON.stringify({ code: 'not_found', detail: 'there is no folder /x' }), { status: 404 }),
        )
      : first,
  );
});
afterEach(() => vi.unstubAllGlobals());

describe('the choice of a folder', () => {
  it('keeps what is typed before the first folder is read', async () => {
    render(<FolderPicker busy={false} onChoose={vi.fn()} />);
    const field = screen.getByRole('textbox');
    fireEvent.input(field, { target: { value: '/music' } });
    answer();
    await screen.findByText(/No further folders/);
    expect((field as HTMLInputElement).value).toBe('/music');
  });

  it('does not offer a folder that is not there', async () => {
    render(<FolderPicker busy={false} onChoose={vi.fn()} />);
    answer();
    await screen.findByText(/No further folders/);
    const field = screen.getByRole('textbox');
    await userEvent.clear(field);
    await userEvent.type(field, '/x{Enter}');
    await screen.findByRole('alert');
    expect(screen.queryByText(/No further folders/)).toBeNull();
    expect(screen.getByRole<HTMLButtonElement>('button', { name: /Add “x”/ }).disabled).toBe(true);
  });
});
