/** Problems of the server in the language of the page. */
import { signal } from '@preact/signals';

/** Texts by the stable codes and hints of problems, and the most frequent sentences; `{1}` is the first group. */
export interface ProblemTexts {
  codes: Record<string, string>;
  hints: Record<string, string>;
  sentences: readonly (readonly [RegExp, string])[];
}

/** Those of the language; null where it is English, as the server's sentences are. */
export const problemTexts = signal<ProblemTexts | null>(null);

interface Described {
  /** what happened */
  text: string;
  /** the sentence of the server, where `text` is more general; English */
  detail: string | null;
  /** what helps */
  hint: string | null;
}

/** A problem of the API, or the error of a job. */
export interface AnyProblem {
  code?: string;
  message?: string;
  detail?: string;
  hint: string | null;
  action?: string | null;
}

/** What happened and what helps. */
export function describeProblem(problem: AnyProblem): Described {
  const sentence = problem.message ?? problem.detail ?? '';
  const texts = problemTexts.value;
  if (texts === null) return { text: sentence, detail: null, hint: problem.hint };
  const hint = texts.hints[problem.action ?? ''] ?? problem.hint;
  for (const [pattern, text] of texts.sentences) {
    const found = pattern.exec(sentence);
    if (found) return { text: fill(text, found), detail: null, hint };
  }
  const known = texts.codes[problem.code ?? ''];
  return known === undefined ? { text: sentence, detail: null, hint } : { text: known, detail: sentence, hint };
}

const fill = (text: string, found: RegExpExecArray): string =>
  text.replace(/\{(\d)\}/g, (_, group: string) => found[Number(group)] ?? '');

/** The same as lines of one text, where there is room for no more. */
export function problemText(problem: AnyProblem): string {
  const { text, detail, hint } = describeProblem(problem);
  return [hint ? `${text} ${hint}` : text, ...(detail ? [detail] : [])].join('\n');
}
