/** What iptables says about an argument it does not take. Checked with iptables 1.8.9, legacy and nft; both say the same but for targets. */

const PORT = /^(?:dports?|sports?|ports|destination-ports?|source-ports?)$/;
const HOST = /^(?:s|d|source|destination|src|dst)$/;

/**
 * The words for `argument` behind `option` (a name without dashes); undefined where they are not known. Without an option the
 * argument stands where none can.
 */
export function refusalOf(option: string | undefined, argument: string): string | undefined {
  if (option === undefined) return `Bad argument \`${argument}'`;
  if (PORT.test(option)) return `invalid port/service \`${wrongPiece(argument, /[:,]/, /^\d+$/)}' specified`;
  if (HOST.test(option)) {
    const [host = '', mask] = wrongPiece(argument, /,/, /^[\d./]+$/).split('/', 2);
    // The mask is read first. (iptables: libxtables/xtables.c, xtables_ipparse_multiple)
    return mask !== undefined && !/^[\d.]+$/.test(mask) ? `invalid mask \`${mask}' specified` : `host/network \`${host}' not found`;
  }
  switch (option) {
    case 'p':
    case 'protocol':
    case 'proto':
      return `unknown protocol "${argument.toLowerCase()}" specified`;
    case 'reject-with':
      return `unknown reject type "${argument}"`;
    case 'mac-source':
      return 'Invalid MAC address specified.';
    case 'limit':
      return `bad rate "${argument}"'`;
    case 'state':
    case 'ctstate':
      return `Bad ${option} "${argument}"`;
    case 'icmp-type':
      return `Unknown ICMP type \`${argument}'`;
    case 'm':
    case 'match':
      return `Couldn't load match \`${argument}':No such file or directory`;
    case 'j':
    case 'jump':
      return `Couldn't load target \`${argument}':No such file or directory (legacy), Chain '${argument}' does not exist (nft)`;
    case 'log-level':
      return `log level "${argument}" unknown`;
    case 'seconds':
    case 'hitcount':
      return `recent: bad value for option "--${option}", or out of range (${option === 'seconds' ? '1' : '0'}-4294967295).`;
    case 'connlimit-above':
    case 'connlimit-upto':
      return `connlimit: bad value for option "--${option}", or out of range (0-4294967295).`;
    case 'limit-burst':
      return 'limit: bad value for option "--limit-burst", or out of range (0-10000).';
    case 'uid-owner':
    case 'gid-owner':
      return `owner: Bad value for "--${option}" option: "${argument}"`;
    case 'A':
    case 'append':
    case 'I':
    case 'insert':
      return 'No chain/target/match by that name.';
    default:
      return undefined;
  }
}

/** iptables names the first piece of a list that it does not take. */
function wrongPiece(argument: string, separator: RegExp, right: RegExp): string {
  const pieces = argument.split(separator);
  return pieces.find((piece) => !right.test(piece)) ?? argument;
}
