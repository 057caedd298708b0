/** A table of any number of rows of one height, of which only those in view are elements. */
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { select, selectAll, type Selection } from './selection';

const OVERSCAN = 8; // rows above and below what is in view

interface VirtualListProperties<T extends string | number> {
  label: string;
  /** which list it is; another one begins at its top */
  list?: string;
  items: readonly T[];
  rowHeight: number;
  /** the row with the column titles; it stays in view */
  header?: ComponentChildren;
  columns?: number;
  selection: Selection<T>;
  onSelection: (selection: Selection<T>) => void;
  /** the cells of a row, each with role="gridcell"; Tab reaches what is in the active one alone */
  renderRow: (item: T, index: number, active: boolean) => ComponentChildren;
  /** Enter or a double click */
  onActivate?: (index: number) => void;
  /** the context menu of the selected rows */
  onMenu?: (anchor: { left: number; right: number; top: number; bottom: number }) => void;
  onRange?: (items: readonly T[]) => void;
  onDragStart?: (event: DragEvent, items: readonly T[]) => void;
  /** other keys, after the selection is known */
  onKey?: (event: KeyboardEvent) => void;
}

export function VirtualList<T extends string | number>(properties: VirtualListProperties<T>) {
  const { label, list, items, rowHeight, header, columns, selection, onSelection, renderRow } = properties;
  const { onActivate, onMenu, onRange, onDragStart, onKey } = properties;
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 800 });
  const headerHeight = header ? rowHeight : 0;

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const measure = (): void => setView({ top: element.scrollTop, height: element.clientHeight || 800 });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener('scroll', measure, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', measure);
    };
  }, []);

  useLayoutEffect(() => {
    if (scroller.current) scroller.current.scrollTop = 0;
  }, [list]);

  const first = Math.max(0, Math.floor(view.top / rowHeight) - OVERSCAN);
  const last = Math.min(items.length, Math.ceil((view.top + view.height) / rowHeight) + OVERSCAN);
  const shown = items.slice(first, last);
  const active = Math.min(selection.active, items.length - 1);

  const range = useRef(onRange);
  range.current = onRange;
  useEffect(() => {
    // waits until the list stands still, so that a long way through it reads only where it ends
    const timer = setTimeout(() => range.current?.(items.slice(first, last)), 40);
    return () => clearTimeout(timer);
  }, [items, first, last]);

  const reveal = (index: number): void => {
    const element = scroller.current;
    if (!element) return;
    const top = index * rowHeight;
    const height = element.clientHeight - headerHeight;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + rowHeight > element.scrollTop + height) element.scrollTop = top + rowHeight - height;
  };

  const move = (index: number, event: KeyboardEvent): void => {
    event.preventDefault();
    const target = Math.max(0, Math.min(items.length - 1, index));
    reveal(target);
    onSelection(select(items, selection, target, { range: event.shiftKey, keep: event.ctrlKey && !event.shiftKey }));
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (items.length === 0 || (event.target instanceof Element && event.target.closest('button, a, input'))) return;
    const page = Math.max(1, Math.floor((view.height - headerHeight) / rowHeight) - 1);
    const steps: Record<string, number> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: items.length - 1,
    };
    const target = steps[event.key];
    if (target !== undefined) move(active < 0 ? 0 : target, event);
    else if (event.key === ' ' && active >= 0) {
      event.preventDefault();
      onSelection(select(items, selection, active, { toggle: true }));
    } else if (event.key.toLowerCase() === 'a' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      onSelection(selectAll(items, selection));
    } else if (event.key === 'Escape' && selection.ids.size > 0) {
      onSelection({ ...selection, ids: new Set() });
    } else if (event.key === 'Enter' && active >= 0) {
      event.preventDefault();
      onActivate?.(active);
    } else if ((event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) && active >= 0) {
      event.preventDefault();
      const element = document.getElementById(rowId(active));
      if (element) onMenu?.(element.getBoundingClientRect());
    } else onKey?.(event);
  };

  const rowId = (index: number): string => `row-${index}`;
  return (
    <div
      ref={scroller}
      class="virtual-list"
      role="grid"
      tabIndex={0}
      aria-label={label}
      aria-multiselectable="true"
      aria-rowcount={items.length + (header ? 1 : 0)}
      {...(columns && { 'aria-colcount': columns })}
      {...(active >= first && active < last && { 'aria-activedescendant': rowId(active) })}
      onKeyDown={onKeyDown}
      onFocus={(event) => {
        if (event.target === scroller.current && active < 0 && items.length > 0) {
          onSelection({ ...selection, active: first === 0 ? 0 : first + OVERSCAN });
        }
      }}
    >
      {header && (
        <div class="virtual-header" role="row" aria-rowindex={1} style={{ height: `${rowHeight}px` }}>
          {header}
        </div>
      )}
      <div class="virtual-body" role="rowgroup" style={{ height: `${items.length * rowHeight}px` }}>
        {shown.map((item, offset) => {
          const index = first + offset;
          const selected = selection.ids.has(item);
          return (
            <div
              key={item}
              id={rowId(index)}
              class={`virtual-row ${selected ? 'selected' : ''} ${index === active ? 'active' : ''}`}
              role="row"
              aria-rowindex={index + (header ? 2 : 1)}
              aria-selected={selected}
              style={{ height: `${rowHeight}px`, transform: `translateY(${index * rowHeight}px)` }}
              draggable={onDragStart !== undefined}
              onDragStart={(event) =>
                onDragStart?.(event, selected ? items.filter((id) => selection.ids.has(id)) : [item])
              }
              onClick={(event) => {
                if (event.target instanceof Element && event.target.closest('button, a')) return;
                const options = { range: event.shiftKey, toggle: event.ctrlKey || event.metaKey };
                onSelection(select(items, selection, index, options));
              }}
              onDblClick={(event) => {
                if (event.target instanceof Element && event.target.closest('button, a')) return;
                onActivate?.(index);
              }}
              onContextMenu={(event) => {
                if (!onMenu) return;
                event.preventDefault();
                if (!selected) onSelection(select(items, selection, index));
                const point = { left: event.clientX, right: event.clientX, top: event.clientY, bottom: event.clientY };
                onMenu(point);
              }}
            >
              {renderRow(item, index, index === active)}
            </div>
          );
        })}
      </div>
    </div>
  );
}
