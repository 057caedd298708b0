/** Numbers and names of the files of duplicates. */
import type { DuplicateFileRecord, DuplicateGroupRecord } from '../../api/records';

/** The bytes of the files that are not preferred. */
export const spareBytes = (groups: readonly DuplicateGroupRecord[]): number =>
  groups
    .flatMap((group) => group.files)
    .filter((file) => !file.preferred)
    .reduce((sum, file) => sum + file.size, 0);

/** The bit rate and the sample rate: 320 kbit/s, 44.1 kHz. */
export const quality = (
  file: Pick<DuplicateFileRecord, 'bit_rate' | 'sample_rate'>,
  format: (value: number, digits?: number) => string,
): string => `${format(file.bit_rate / 1000)} kbit/s, ${format(file.sample_rate / 1000, 1)} kHz`;

/** The folder of a path, of either kind of slash. */
export function folderOf(path: string): string {
  const end = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
  return end > 0 ? path.slice(0, end) : path.slice(0, end + 1);
}
