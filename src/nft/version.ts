/** Versions of nft as numbers that compare. */

/** `1.0.6` as 10006; a missing or unreadable part counts as 0. */
export function parseVersion(version: string): number {
  const [major = '0', minor = '0', patch = '0'] = version.trim().replace(/^v/, '').split('.');
  const part = (text: string): number => Math.min(Number.parseInt(text, 10) || 0, 99);
  return part(major) * 10_000 + part(minor) * 100 + part(patch);
}
