import type { Catalogue } from '..';
import { common } from './common';
import { library } from './library';
import { player } from './player';

export const de: Catalogue = { ...common, ...library, ...player };
