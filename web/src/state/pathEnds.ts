/** The ends of the path that the user chooses, one after the other, in menus. */
import { to } from '../router';

let start: number | null = null;
let end: number | null = null;

const address = (): string => to('path', { start, end });

export const pathEnds = {
  /** The address of the path from a track to the end that was chosen last. */
  begin(id: number): string {
    start = id;
    if (end === id) end = null;
    return address();
  },
  /** The address of the path to a track from the start that was chosen last. */
  finish(id: number): string {
    end = id;
    if (start === id) start = null;
    return address();
  },
  /** What the path view shows. */
  set(from: number | null, until: number | null): void {
    start = from;
    end = until;
  },
};
