/** Versions as programs and distributions write them. */

/** `1.0.6`, `6.1.0-18-amd64`: numbers between dots, and what a distribution adds. The numbers are the first group. */
export const VERSION = /^(\d+(?:\.\d+)*)(?!\.?\d)(?:[-.+~].*)?$/;

/** The numbers a version begins with, `6.1.0` of `6.1.0-18-amd64`; undefined when the text is no version. */
export function versionNumbers(text: string): string | undefined {
  return VERSION.exec(text)?.[1];
}
