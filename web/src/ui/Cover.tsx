import { useState } from 'preact/hooks';
import { apiUrl } from '../api/client';
import { Icon } from './Icon';

interface CoverProperties {
  kind?: 'track' | 'album';
  id: number | null;
  /** pixels on the screen; leave it out where CSS sets it */
  size: number;
  /** of a picture that has no text beside it */
  alt?: string;
}

const PIXELS = [64, 128, 256, 512];

/** The cover of a track or album; a note on a colour of its own where there is none. */
export function Cover({ kind = 'track', id, size, alt = '' }: CoverProperties) {
  const [failed, setFailed] = useState<number | null>(null);
  const pixels = PIXELS.find((each) => each >= size * Math.min(devicePixelRatio || 1, 2)) ?? 512;
  const shown = id !== null && failed !== id;
  return (
    <span class="cover" style={{ '--hue': String(((id ?? 0) * 137.5) % 360), '--size': `${size}px` }}>
      <Icon name="music" size={Math.max(16, Math.min(size * 0.42, 72))} />
      {shown && (
        <img
          src={apiUrl(kind === 'album' ? `cover/album/${id}` : `cover/${id}`, { size: pixels })}
          alt={alt}
          loading="lazy"
          decoding="async"
          draggable={false}
          onError={() => setFailed(id)}
        />
      )}
    </span>
  );
}
