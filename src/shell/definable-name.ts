/** Which parameters of a script can be given a value from outside: variables, and the words it is called with. */

/** `LAN`, `1`. What the shell itself sets, `?` or `0`, is not among them. (POSIX shell, 2.5 Parameters and Variables) */
export const DEFINABLE_NAME = /^(?:[A-Za-z_][A-Za-z0-9_]*|[1-9][0-9]*)$/;
