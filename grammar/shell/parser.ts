/** Parses shell scripts. See README.md for the grammar. */

import type { CommandNode, RedirectionNode, Script, ShellFile, WordNode } from './ast.js';
import { simpleCommand } from './simple-command.js';
import { createShellParser, type ShellParser } from './statements.js';
import { readTokens, type ShellToken } from './tokens.js';
import { place, readComment, type FileState, type Reader } from './words.js';

/** A simple command is most of what scripts hold and needs no grammar; a test shows that the parser makes the same node of it. */
function parseWithoutGrammar(tokens: readonly ShellToken[]): CommandNode[] | undefined {
  const words: WordNode[] = [];
  const redirections: RedirectionNode[] = [];
  const last = tokens[tokens.length - 1]?.kind === 'Semicolon' ? tokens.length - 1 : tokens.length;
  for (let index = 0; index < last; index += 1) {
    const token = tokens[index];
    if (token?.kind === 'Word') words.push(token.value);
    else if (token?.kind === 'Redirection') redirections.push(token.value);
    else return undefined;
  }
  return last === 0 ? undefined : [simpleCommand(words, redirections)];
}

let instance: ShellParser | undefined;

export interface ParseOptions {
  /** Checks the grammar for ambiguities and reads simple commands with it too: for tests. */
  readonly thorough?: boolean;
}

/** Reads a script. Total and linear: what cannot be read is a malformed node with a problem, and reading goes on at the next line. */
export function parseShell(text: string, options: ParseOptions = {}): ShellFile {
  const thorough = options.thorough === true;
  let parser = thorough ? createShellParser(true) : instance;
  const problems: ShellFile['problems'][number][] = [];
  const parseTokens = (tokens: readonly ShellToken[], commands: CommandNode[]): void => {
    const [first] = tokens;
    if (first?.kind === 'Stray' && tokens.length === 1 && !thorough) {
      commands.push({ kind: 'malformed', start: first.start, end: first.end });
      problems.push({ start: first.start, end: first.end, message: first.value, warning: false });
      return;
    }
    const simple = thorough ? undefined : parseWithoutGrammar(tokens);
    if (simple !== undefined) {
      commands.push(...simple);
      return;
    }
    // The parser is made when the first compound command is met: pasted commands never need it.
    parser ??= instance ??= createShellParser(false);
    for (const command of parser.parse(tokens)) commands.push(command);
    for (const { at, message } of parser.problems) problems.push({ ...at, message, warning: false });
  };
  const file: FileState = {
    comments: [],
    problems,
    operators: [],
    documents: [],
    pending: [],
    depth: 0,
    wasted: 0,
    extendedPatterns: text.includes('extglob'),
    readScript: (reader: Reader, closed: boolean): Script => {
      const start = place(reader, reader.position);
      const commands: CommandNode[] = [];
      readTokens(reader, closed, false, (tokens) => {
        parseTokens(tokens, commands);
      });
      return { start, end: place(reader, reader.position), commands };
    },
  };
  const reader: Reader = { text, position: 0, limit: text.length, offsets: undefined, file, failure: undefined };
  // A `#!` line is a comment like any other, also after a byte order mark.
  if (text.startsWith('\ufeff#')) {
    reader.position = 1;
    readComment(reader);
  } else if (text.startsWith('\ufeff')) reader.position = 1;
  const commands: CommandNode[] = [];
  readTokens(reader, false, true, (tokens) => {
    parseTokens(tokens, commands);
  });
  problems.sort((left, right) => left.start - right.start || left.end - right.end);
  return { start: 0, end: text.length, commands, comments: file.comments, problems, documents: file.documents, operators: file.operators };
}
