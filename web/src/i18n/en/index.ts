import { admin } from './admin';
import { builder } from './builder';
import { common } from './common';
import { library } from './library';
import { map } from './map';
import { player } from './player';

/** The English texts; one module for each part of the page. */
export const en = { ...admin, ...builder, ...common, ...library, ...map, ...player };
