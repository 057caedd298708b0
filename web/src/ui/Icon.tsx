/** The icons of the page: strokes on a 24 by 24 grid, in the colour of the text. */
const PATHS = {
  folder: 'M3 7V5h6l2.500 2.500H21V19H3V7Z',
  library: 'M5 4v16M10 4v16M15 5l4 15',
  album: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM12 10a2 2 0 1 0 0 4 2 2 0 0 0 0-4Z',
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14ZM16.5 16.5 21 21',
  similar: 'M8 7a5 5 0 1 0 0 10 5 5 0 0 0 0-10ZM16 7a5 5 0 1 0 0 10 5 5 0 0 0 0-10Z',
  path: 'M6 16a2 2 0 1 0 0 4 2 2 0 0 0 0-4ZM18 4a2 2 0 1 0 0 4 2 2 0 0 0 0-4ZM8 18h6a4 4 0 0 0 0-8h-3a4 4 0 0 1-.5-4H16',
  map: 'M9 4 4 6v14l5-2 6 2 5-2V4l-5 2-6-2ZM9 4v14M15 6v14',
  genres: 'M4 5h7v7H4zM13 5h7v4h-7zM13 12h7v7h-7zM4 15h7v4H4z',
  playlist: 'M4 6h12M4 11h12M4 16h6M17 13v6M14 16h6',
  builder: 'M4 7h9M17 7h3M4 12h3M11 12h9M4 17h11M19 17h1M15 5v4M9 10v4M17 15v4',
  heart: 'M12 20s-7.5-4.6-7.5-10A4.4 4.4 0 0 1 12 7.4 4.4 4.4 0 0 1 19.5 10c0 5.4-7.5 10-7.5 10Z',
  dislike: 'M7 4v10l4 6c1.5 0 2-1 2-2v-4h5a2 2 0 0 0 2-2.400l-1-6A2 2 0 0 0 17 4H7ZM3 4v10',
  duplicates: 'M8 8h12v12H8zM16 8V4H4v12h4',
  model: 'M12 3v4M12 17v4M3 12h4M17 12h4M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8Z',
  jobs: 'M20 12a8 8 0 1 1-2.6-5.900M20 3v4h-4',
  settings:
    'M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM19 12l2-1-2-4-2 .8-1.6-1L15 4H9l-.4 2.8-1.6 1L5 7l-2 4 2 1-2 1 2 4 2-.8 1.6 1L9 20h6l.4-2.8 1.6-1 2 .8 2-4-2-1Z',
  user: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM5 20c.6-3.6 3.4-5 7-5s6.4 1.4 7 5',
  play: 'M8 5v14l11-7L8 5Z',
  pause: 'M8 5v14M16 5v14',
  next: 'M6 5v14l9-7-9-7ZM18 5v14',
  previous: 'M18 5v14l-9-7 9-7ZM6 5v14',
  queue: 'M4 6h16M4 11h16M4 16h9M17 14v6M14 17h6',
  playNext: 'M4 6h16M4 18h16M4 12h8M15 9l4 3-4 3V9Z',
  radio:
    'M12 11a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3ZM8.5 16a5 5 0 0 1 0-7M15.5 9a5 5 0 0 1 0 7M5.5 18.500a9 9 0 0 1 0-12M18.5 6.500a9 9 0 0 1 0 12',
  volume: 'M4 9v6h4l5 4V5L8 9H4ZM16 9a4 4 0 0 1 0 6M18.5 6.500a8 8 0 0 1 0 11',
  mute: 'M4 9v6h4l5 4V5L8 9H4ZM16.5 9.500l5 5M21.5 9.500l-5 5',
  shuffle:
    'M4 7h3c4 0 6 10 10 10h3M4 17h3c1.5 0 2.7-1.5 3.7-3.200M20 7h-3c-1.5 0-2.7 1.5-3.7 3.200M17.5 4.5 20 7l-2.5 2.500M17.5 14.5 20 17l-2.5 2.5',
  repeat: 'M5 11V9a3 3 0 0 1 3-3h11M16.5 3.5 19 6l-2.5 2.500M19 13v2a3 3 0 0 1-3 3H5M7.5 15.5 5 18l2.5 2.5',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  close: 'M6 6l12 12M18 6 6 18',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  filter: 'M4 6h16M7 12h10M10 18h4',
  check: 'M5 12.5 10 17l9-10',
  up: 'M6 15l6-6 6 6',
  down: 'M6 9l6 6 6-6',
  warning: 'M12 4 2.5 20h19L12 4ZM12 10v4M12 17h.01',
  offline: 'M3 3l18 18M5 12.500a10 10 0 0 1 4-2.300M19 12.500a10 10 0 0 0-5-2.700M8.5 16a5 5 0 0 1 7 0M12 19.500h.01',
  music:
    'M9 18V6l10-2v12M6.5 15.500a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5ZM16.5 13.500a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5Z',
  swap: 'M7 4v16M7 20l-3-3M7 20l3-3M17 20V4M17 4l-3 3M17 4l3 3',
  download: 'M12 4v11M7.5 11 12 15.5 16.5 11M5 20h14',
  trash: 'M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5',
  edit: 'M4 20l1-4L16 5l3 3L8 19l-4 1Z',
  lasso: 'M12 4c5 0 9 2.5 9 6s-4 6-9 6-9-2.5-9-6 4-6 9-6ZM6 14.500A2.5 2.5 0 1 0 8 18c0 2-1 3-3 3',
} as const;

export type IconName = keyof typeof PATHS;

const FILLED: ReadonlySet<IconName> = new Set(['play', 'next', 'previous']);

export function Icon({
  name,
  size = 20,
  filled = FILLED.has(name),
}: {
  name: IconName;
  size?: number;
  filled?: boolean;
}) {
  return (
    <svg
      class="icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill={filled ? 'currentColor' : 'none'}
      stroke="currentColor"
      stroke-width={name === 'more' ? 3 : 1.75}
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
