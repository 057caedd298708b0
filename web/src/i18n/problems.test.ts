import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setLanguage } from '.';
import { describeProblem, problemText } from './problems';

const LIKES = { code: 'not_found', message: 'no track is liked yet', action: 'like_tracks', hint: 'Like some first.' };
const BUSY = { code: 'library_busy', detail: 'the database is locked', hint: null };

afterEach(() => setLanguage('en'));

describe('problems in English', () => {
  it('are the sentences of the server', () => {
    expect(describeProblem(LIKES)).toEqual({ text: LIKES.message, detail: null, hint: LIKES.hint });
    expect(problemText(LIKES)).toBe('no track is liked yet Like some first.');
  });
});

describe('problems in German', () => {
  beforeEach(() => setLanguage('de'));

  it('are translated where the sentence is frequent', () => {
    const found = describeProblem(LIKES);
    expect(found.text).toBe('Noch hat kein Titel ein Herz.');
    expect(found.detail).toBeNull();
    expect(found.hint).toContain('Herz');
  });

  it('keep values of a sentence', () => {
    const message = "there is no listener 'Anna $1'; there are: default, Ben";
    expect(problemText({ code: 'not_found', message, hint: null })).toBe(
      'Es gibt keinen Hörer „Anna $1“. Es gibt: default, Ben.',
    );
  });

  it('have the sentence of the server below the general text of a code', () => {
    expect(problemText(BUSY)).toBe('Ein anderes Programm schreibt gerade in die Sammlung.\nthe database is locked');
  });

  it('are the sentence of the server where nothing is known', () => {
    expect(describeProblem({ code: 'new', message: 'odd', hint: 'Do it.' })).toEqual({
      text: 'odd',
      detail: null,
      hint: 'Do it.',
    });
  });
});
