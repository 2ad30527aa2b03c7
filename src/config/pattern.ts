/** Patterns of paths in `fwlint.json`: `*` `**` `?` `{a,b}`. */

/** One piece of a pattern. `folders`: any number of whole folders, each with its `/`. */
type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'character' | 'run' | 'anything' | 'folders' }
  | { readonly kind: 'choice'; readonly choices: readonly (readonly Piece[])[] };

/**
 * Whether a path (with `/`, from the folder of the configuration) is meant by a pattern. `*` and `?` do not cross a `/`, `**` does.
 * A pattern without `/` means files of that name in any folder; one for a folder means everything in it. The time is that of the
 * pattern's length times the path's, whatever they are.
 */
export function matchesPattern(pattern: string, path: string): boolean {
  const bare = pattern.replace(/^\.?\//, '').replace(/\/$/, '');
  if (bare === '') return false;
  const starts = new Set([0]);
  if (!/\/./.test(pattern)) for (let at = 0; at < path.length; at += 1) if (path.charAt(at) === '/') starts.add(at + 1);
  const ends = advance(readPieces(bare), path, starts);
  return [...ends].some((end) => end === path.length || path.charAt(end) === '/');
}

function readPieces(pattern: string): readonly Piece[] {
  return Array.from(pattern.matchAll(/\*\*\/|\*{2,}|\*|\?|\{[^{}]*\}|[^*?{]+|\{/g), ([text]): Piece => {
    if (text === '**/') return { kind: 'folders' };
    if (text.startsWith('**')) return { kind: 'anything' };
    if (text === '*') return { kind: 'run' };
    if (text === '?') return { kind: 'character' };
    if (text.startsWith('{') && text.endsWith('}')) return { kind: 'choice', choices: text.slice(1, -1).split(',').map(readPieces) };
    return { kind: 'text', text };
  });
}

/** The offsets into the path that can be reached from `starts` over all pieces. */
function advance(pieces: readonly Piece[], path: string, starts: ReadonlySet<number>): ReadonlySet<number> {
  let reached = starts;
  for (const piece of pieces) {
    const next = new Set<number>();
    if (piece.kind === 'choice') {
      for (const choice of piece.choices) for (const end of advance(choice, path, reached)) next.add(end);
    } else if (piece.kind === 'text') {
      for (const at of reached) if (path.startsWith(piece.text, at)) next.add(at + piece.text.length);
    } else if (piece.kind === 'character') {
      for (const at of reached) if (at < path.length && path.charAt(at) !== '/') next.add(at + 1);
    } else {
      let open = false;
      for (let at = 0; at <= path.length; at += 1) {
        if (piece.kind === 'run' && path.charAt(at - 1) === '/') open = false;
        if (reached.has(at)) open = true;
        if (open && (piece.kind !== 'folders' || reached.has(at) || path.charAt(at - 1) === '/')) next.add(at);
      }
    }
    reached = next;
  }
  return reached;
}
