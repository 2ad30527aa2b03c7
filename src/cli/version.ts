/** The version of fwlint, which the build puts in. */

declare const FWLINT_VERSION: string;

export const VERSION = FWLINT_VERSION;
