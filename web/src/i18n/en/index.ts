import { builder } from './builder';
import { admin } from './admin';
import { common } from './common';
import { library } from './library';
import { map } from './map';
import { player } from './player';

/** The English texts; one module for each part of the page. */
export const en = { ...common, ...library, ...map, ...player };
export const en = { ...common, ...builder, ...library, ...player };
export const en = { ...admin, ...common, ...library, ...player };
