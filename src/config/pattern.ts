/** Patterns of paths in `fwlint.json`: `*` `**` `?` `{a,b}`. */

const SPECIAL = /[\\^$.|+()[\]{}*?]/g;

const compiled = new Map<string, RegExp>();

/**
 * Whether a path (with `/`, from the folder of the configuration) is meant by a pattern. `*` and `?` do not cross a `/`, `**` does.
 * A pattern without `/` means files of that name in any folder; one for a folder means everything in it.
 */
export function matchesPattern(pattern: string, path: string): boolean {
  let expression = compiled.get(pattern);
  if (expression === undefined) {
    expression = compilePattern(pattern);
    compiled.set(pattern, expression);
  }
  return expression.test(path);
}

function compilePattern(pattern: string): RegExp {
  const bare = pattern.replace(/^\.?\//, '').replace(/\/$/, '');
  const anywhere = !/\/./.test(pattern);
  const source = bare.replace(/\*\*\/|\*\*|\*|\?|\{[^{}]*\}|[\\^$.|+()[\]{}]/g, (token) => {
    if (token === '**/') return '(?:[^/]+/)*';
    if (token === '**') return '.*';
    if (token === '*') return '[^/]*';
    if (token === '?') return '[^/]';
    if (token.length > 1) {
      const choices = token.slice(1, -1).split(',');
      return `(?:${choices.map((choice) => choice.replace(SPECIAL, '\\$&').replaceAll('\\*', '[^/]*')).join('|')})`;
    }
    return `\\${token}`;
  });
  return new RegExp(`^${anywhere ? '(?:[^]*/)?' : ''}${source}(?:/[^]*)?$`);
}
