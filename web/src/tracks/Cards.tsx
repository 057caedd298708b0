/** Albums and artists as cards. */
import type { ComponentChildren } from 'preact';
import { Cover } from '../ui/Cover';
import { Icon } from '../ui/Icon';

export interface Card {
  id: number;
  title: string;
  detail: ComponentChildren;
}

export function Cards({ kind, items, label }: { kind: 'album' | 'artist'; items: readonly Card[]; label: string }) {
  return (
    <ul class="cards" aria-label={label}>
      {items.map((item) => (
        <li key={item.id}>
          <a href={`${kind}s/${item.id}`}>
            {kind === 'album' ? (
              <Cover kind="album" id={item.id} size={168} />
            ) : (
              <span class="cover cover-round" style={{ '--hue': String((item.id * 137.5) % 360), '--size': '168px' }}>
                <Icon name="user" size={56} />
              </span>
            )}
            <bdi class="card-title">{item.title}</bdi>
          </a>
          <small class="muted">{item.detail}</small>
        </li>
      ))}
    </ul>
  );
}
