import { act, fireEvent, render, screen, waitFor } from '@testing-library/preact';
import userEvent from '@testing-library/user-event';
import { useState } from 'preact/hooks';
import { describe, expect, it, vi } from 'vitest';
import { api } from '../api/endpoints';
import { Problem } from '../api/client';
import { useResource } from '../api/useResource';
import { Dialog } from './Dialog';
import { Icon } from './Icon';
import { MenuButton } from './Menu';
import { Picker } from './Picker';
import { nothingSelected, type Selection } from './selection';
import { ErrorState } from './states';
import { VirtualList } from './VirtualList';

const ITEMS = Array.from({ length: 100_000 }, (_, index) => index + 1);

function List({ onActivate = () => undefined }: { onActivate?: (index: number) => void }) {
  const [selection, setSelection] = useState<Selection<number>>(nothingSelected);
  return (
    <>
      <output>{selection.ids.size}</output>
      <VirtualList
        label="Numbers"
        items={ITEMS}
        rowHeight={40}
        selection={selection}
        onSelection={setSelection}
        onActivate={onActivate}
        renderRow={(item) => <span role="gridcell">{item}</span>}
      />
    </>
  );
}

describe('a virtual list', () => {
  it('has elements only for the rows in view, and counts all', () => {
    render(<List />);
    expect(screen.getAllByRole('row').length).toBeLessThan(60);
    expect(screen.getByRole('grid').getAttribute('aria-rowcount')).toBe('100000');
  });

  it('is used by keyboard', () => {
    const onActivate = vi.fn();
    render(<List onActivate={onActivate} />);
    const grid = screen.getByRole('grid');
    void act(() => grid.focus());
    fireEvent.keyDown(grid, { key: 'ArrowDown' });
    fireEvent.keyDown(grid, { key: 'ArrowDown', shiftKey: true });
    expect(screen.getByRole('status').textContent).toBe('2');
    fireEvent.keyDown(grid, { key: 'Enter' });
    expect(onActivate).toHaveBeenCalledWith(2);
    fireEvent.keyDown(grid, { key: 'a', ctrlKey: true });
    expect(screen.getByRole('status').textContent).toBe('100000');
    fireEvent.keyDown(grid, { key: 'Escape' });
    expect(screen.getByRole('status').textContent).toBe('0');
  });

  it('names the active row for screen readers', () => {
    render(<List />);
    const grid = screen.getByRole('grid');
    void act(() => grid.focus());
    fireEvent.keyDown(grid, { key: 'ArrowDown' });
    const active = document.getElementById(grid.getAttribute('aria-activedescendant') ?? '');
    expect(active?.getAttribute('aria-rowindex')).toBe('2');
    expect(active?.getAttribute('aria-selected')).toBe('true');
  });
});

describe('a menu', () => {
  it('moves by arrows and letters, chooses, and gives the focus back', async () => {
    const user = userEvent.setup();
    const onSelect = vi.fn();
    render(
      <MenuButton
        label="Actions"
        items={[
          { label: 'Play', onSelect: () => undefined },
          { label: 'Queue', onSelect: () => undefined },
          { label: 'Similar', onSelect },
        ]}
      >
        <Icon name="more" />
      </MenuButton>,
    );
    const button = screen.getByRole('button', { name: 'Actions' });
    await user.click(button);
    expect(document.activeElement?.textContent).toBe('Play');
    await user.keyboard('{ArrowDown}');
    expect(document.activeElement?.textContent).toBe('Queue');
    await user.keyboard('s');
    expect(document.activeElement?.textContent).toBe('Similar');
    await user.keyboard('{Enter}');
    expect(onSelect).toHaveBeenCalledOnce();
    expect(document.activeElement).toBe(button);
    expect(screen.queryByRole('menu')).toBeNull();
  });

  it('is closed by Escape', async () => {
    const user = userEvent.setup();
    render(
      <MenuButton label="Actions" items={[{ label: 'Play', onSelect: () => undefined }]}>
        x
      </MenuButton>,
    );
    await user.click(screen.getByRole('button'));
    await user.keyboard('{Escape}');
    expect(screen.queryByRole('menu')).toBeNull();
    expect(screen.getByRole('button').getAttribute('aria-expanded')).toBe('false');
  });
});

describe('a picker', () => {
  const albums = [{ id: 3, title: 'Kind of Blue', artist: 'Miles Davis', year: 1959 }];

  it('aborts the request of the text before, and picks by keyboard', async () => {
    const user = userEvent.setup();
    const signals: (AbortSignal | undefined)[] = [];
    vi.spyOn(api, 'albums').mockImplementation((parameters, signal) => {
      signals.push(signal);
      const found = parameters.query === 'ki' ? new Promise<never>(() => undefined) : { items: albums, next: null };
      return Promise.resolve(found as never);
    });
    const onPick = vi.fn();
    render(<Picker label="Find" kinds={['album']} onPick={onPick} />);
    const input = screen.getByRole('combobox');
    await user.type(input, 'ki');
    await waitFor(() => expect(signals.length).toBe(1));
    await user.type(input, 'nd');
    await screen.findByRole('option');
    expect(signals[0]?.aborted).toBe(true);
    await user.keyboard('{ArrowDown}{Enter}');
    expect(onPick).toHaveBeenCalledWith(expect.objectContaining({ kind: 'album', id: 3, name: 'Kind of Blue' }));
    expect((input as HTMLInputElement).value).toBe('');
  });

  it('does not pick what the text before had found', async () => {
    const user = userEvent.setup();
    let answer: (found: never) => void = () => undefined;
    vi.spyOn(api, 'albums').mockImplementation(({ query }) =>
      query === 'kind'
        ? Promise.resolve({ items: albums, next: null } as never)
        : new Promise((resolve) => (answer = resolve)),
    );
    const onPick = vi.fn();
    render(<Picker label="Find" kinds={['album']} onPick={onPick} />);
    await user.type(screen.getByRole('combobox'), 'kind');
    await screen.findByRole('option');
    await user.type(screen.getByRole('combobox'), 's{Enter}');
    expect(onPick).not.toHaveBeenCalled();
    await waitFor(() =>
      expect(vi.mocked(api.albums)).toHaveBeenLastCalledWith(
        expect.objectContaining({ query: 'kinds' }),
        expect.anything(),
      ),
    );
    answer({ items: [{ ...albums[0], id: 4 }], next: null } as never);
    await waitFor(() => expect(onPick).toHaveBeenCalledWith(expect.objectContaining({ id: 4 })));
  });

  it('shows what is found while another kind takes long, and puts that below', async () => {
    let answer: (found: never) => void = () => undefined;
    vi.spyOn(api, 'albums').mockImplementation(() => new Promise((resolve) => (answer = resolve)));
    vi.spyOn(api, 'tracks').mockResolvedValue({
      items: [{ id: 1, title: 'Blue', artist: 'Joni' }],
      next: null,
    } as never);
    render(<Picker label="Find" kinds={['album', 'track']} onPick={() => undefined} />);
    await userEvent.setup().type(screen.getByRole('combobox'), 'blue');
    expect((await screen.findByRole('option')).textContent).toContain('Joni');
    answer({ items: albums, next: null } as never);
    await waitFor(() => expect(screen.getAllByRole('option').length).toBe(2));
    expect(screen.getAllByRole('option')[1]?.textContent).toContain('Kind of Blue');
  });

  it('names that nothing is found', async () => {
    vi.spyOn(api, 'albums').mockResolvedValue({ items: [], next: null });
    vi.spyOn(api, 'spelling').mockResolvedValue({ query: null });
    render(<Picker label="Find" kinds={['album']} onPick={() => undefined} />);
    await userEvent.setup().type(screen.getByRole('combobox'), 'qq');
    expect(await screen.findByText(/Nothing has “qq”/)).toBeTruthy();
  });

  it('shows what a slip of the keys stands for, and says so', async () => {
    vi.spyOn(api, 'albums').mockImplementation(({ query }) =>
      Promise.resolve({ items: query === 'kind' ? albums : [], next: null } as never),
    );
    vi.spyOn(api, 'spelling').mockResolvedValue({ query: 'kind' });
    const onEnter = vi.fn();
    render(<Picker label="Find" kinds={['album']} onPick={() => undefined} onEnter={onEnter} />);
    await userEvent.setup().type(screen.getByRole('combobox'), 'kidn');
    expect((await screen.findByRole('option')).textContent).toContain('Kind of Blue');
    expect(screen.getAllByText(/Did you mean “kind”\?/).length).toBeGreaterThan(0);
    await userEvent.keyboard('{Enter}');
    expect(onEnter).toHaveBeenCalledWith('kind');
  });
});

describe('a resource', () => {
  function Shown({ name, load }: { name: string; load: (signal: AbortSignal) => Promise<string> }) {
    const found = useResource(name, load);
    if (found.state === 'failed') return <ErrorState error={found.error} onRetry={found.reload} />;
    return (
      <p>
        {found.state} {found.data}
      </p>
    );
  }

  it('loads, fails with the reason and what helps, and is tried again', async () => {
    const load = vi.fn<() => Promise<string>>();
    load.mockRejectedValueOnce(new Problem(503, { detail: 'The library is busy.', hint: 'Wait a moment.' }));
    load.mockResolvedValueOnce('done');
    render(<Shown name="a" load={load} />);
    expect((await screen.findByRole('alert')).textContent).toContain('The library is busy.Wait a moment.');
    fireEvent.click(screen.getByRole('button'));
    expect(await screen.findByText('ready done')).toBeTruthy();
  });

  it('keeps the value before while the next one loads, and aborts', async () => {
    const signals: AbortSignal[] = [];
    const load = (signal: AbortSignal): Promise<string> => {
      signals.push(signal);
      return signals.length === 1 ? Promise.resolve('one') : new Promise(() => undefined);
    };
    const { rerender } = render(<Shown name="a" load={load} />);
    await screen.findByText('ready one');
    rerender(<Shown name="b" load={load} />);
    expect(await screen.findByText('loading one')).toBeTruthy();
    rerender(<Shown name="c" load={load} />);
    await waitFor(() => expect(signals[1]?.aborted).toBe(true));
  });
});

describe('a dialog', () => {
  it('takes what is typed as the text of its field', async () => {
    const onClose = vi.fn();
    render(
      <Dialog title="Save" onClose={onClose}>
        <label>
          Name
          <input defaultValue="My likes" />
        </label>
      </Dialog>,
    );
    await userEvent.keyboard('My evening');
    expect(screen.getByLabelText<HTMLInputElement>('Name').value).toBe('My evening');
    expect(onClose).not.toHaveBeenCalled();
  });
});
