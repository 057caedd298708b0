import { expect, it } from 'vitest';
import type { DuplicateFileRecord } from '../../api/records';
import { formatNumber } from '../../i18n';
import { folderOf, quality, spareBytes } from './files';

const file = (size: number, preferred: boolean): DuplicateFileRecord => ({
  id: size,
  path: `/${size}.mp3`,
  codec: 'mp3',
  lossless: false,
  bit_rate: 320_000,
  sample_rate: 44_100,
  duration: 60,
  size,
  preferred,
});

it('adds up what the files take that are not preferred', () => {
  const group = { artist: null, title: 'a', rating: null, files: [file(500, true), file(30, false), file(4, false)] };
  expect(spareBytes([group, group])).toBe(68);
  expect(spareBytes([])).toBe(0);
});

it('writes rates in the units of music', () => {
  expect(quality(file(1, true), formatNumber)).toBe('320 kbit/s, 44.1 kHz');
});

it('finds the folder of a path', () => {
  expect(folderOf('/srv/music/a.mp3')).toBe('/srv/music');
  expect(folderOf('/a.mp3')).toBe('/');
  expect(folderOf('C:\\Music\\a.mp3')).toBe('C:\\Music');
});
