/** Seeds and minus seeds that the user collects, for similar tracks and for playlists. */
import { signal } from '@preact/signals';

export interface SeedItem {
  kind: 'track' | 'album' | 'artist';
  id: number;
  name: string;
}

export interface Seeds {
  plus: readonly SeedItem[];
  minus: readonly SeedItem[];
}

export const seeds = signal<Seeds>({ plus: [], minus: [] });

const same = (one: SeedItem, other: SeedItem): boolean => one.kind === other.kind && one.id === other.id;

/** Add seeds on one side; they are removed from the other one. */
export function addSeeds(items: readonly SeedItem[], side: keyof Seeds = 'plus'): void {
  const other = side === 'plus' ? 'minus' : 'plus';
  const kept = seeds.value[side].filter((each) => !items.some((item) => same(item, each)));
  const rest = seeds.value[other].filter((each) => !items.some((item) => same(item, each)));
  seeds.value = { ...seeds.value, [side]: [...kept, ...items], [other]: rest };
}

export function removeSeed(item: SeedItem): void {
  seeds.value = {
    plus: seeds.value.plus.filter((each) => !same(each, item)),
    minus: seeds.value.minus.filter((each) => !same(each, item)),
  };
}

export const clearSeeds = (): void => {
  seeds.value = { plus: [], minus: [] };
};

/** The type of what is dragged within the page: a JSON list of SeedItem. */
export const DRAG_TYPE = 'application/x-recsys-seeds';

export function startDrag(event: DragEvent, items: readonly SeedItem[]): void {
  event.dataTransfer?.setData(DRAG_TYPE, JSON.stringify(items));
  event.dataTransfer?.setData('text/plain', items.map((each) => each.name).join('\n'));
}

export function dragged(event: DragEvent): SeedItem[] {
  const text = event.dataTransfer?.getData(DRAG_TYPE);
  return text ? (JSON.parse(text) as SeedItem[]) : [];
}
