/** Which matches and targets occur in a table: what asks for one that does not need not look at the rules. */

import { oncePer } from '../text/once-per.js';
import type { Table } from './model.js';
import { surveyOf } from './survey.js';

/** The names of the matches and targets that rules of a table use. Found once for each table. */
export const extensionsIn = oncePer((table: Table): ReadonlySet<string> => new Set([...surveyOf(table).extensions].map(({ name }) => name)));
