import type { Catalogue } from '..';
import { admin } from './admin';
import { builder } from './builder';
import { common } from './common';
import { library } from './library';
import { map } from './map';
import { player } from './player';

export const de: Catalogue = { ...admin, ...builder, ...common, ...library, ...map, ...player };
export { problems } from './problems';
