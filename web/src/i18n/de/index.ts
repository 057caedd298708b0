import type { Catalogue } from '..';
import { common } from './common';
import { library } from './library';

export const de: Catalogue = { ...common, ...library };
