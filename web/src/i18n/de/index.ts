import { builder } from './builder';
import type { Catalogue } from '..';
import { admin } from './admin';
import { common } from './common';
import { library } from './library';
import { map } from './map';
import { player } from './player';

export const de: Catalogue = { ...common, ...library, ...map, ...player };
export const de: Catalogue = { ...common, ...builder, ...library, ...player };
export const de: Catalogue = { ...admin, ...common, ...library, ...player };
