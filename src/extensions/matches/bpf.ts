/** `-m bpf`: a program of the Berkeley Packet Filter decides. */

import { defineMatch, unsupported, value, type ValueResult, type ValueType } from '../define.js';
import { shown } from '../values/number.js';

/** An instruction of classic BPF: 16, 8, 8 and 32 bits. (kernel: include/uapi/linux/filter.h, struct sock_filter) */
interface Instruction {
  readonly code: number;
  readonly ifTrue: number;
  readonly ifFalse: number;
  readonly operand: number;
}

/** (kernel: include/uapi/linux/netfilter/xt_bpf.h, XT_BPF_MAX_NUM_INSTR) */
const MOST = 64;

function refused(message: string, says: string): ValueResult<never> {
  return { kind: 'refused', by: 'iptables', message, says: `bpf: ${says}` };
}

/** A decimal number as scanf() reads it into so many bits: what does not fit is cut off. */
const cut = (digits: string | undefined, bits: number): number => Number(BigInt.asUintN(bits, BigInt(digits ?? '0')));

/** The number of instructions and the instructions, with commas between. (iptables: extensions/libxt_bpf.c, bpf_parse_string) */
function read(text: string): ValueResult<readonly Instruction[]> {
  const head = /^\s*(\d+),/.exec(text);
  if (head === null) return refused('the program begins with the number of its instructions and a comma', 'error parsing program length');
  const length = cut(head[1], 16);
  if (length > MOST) return refused(`a program has at most ${String(MOST)} instructions`, 'number of instructions exceeds maximum');
  if (length === 0) return refused('the program has no instructions', 'illegal zero length program');
  const program: Instruction[] = [];
  const rest = text.slice(head[0].length);
  for (const part of rest === '' ? [] : rest.replace(/,$/, '').split(',')) {
    if (program.length >= length)
      return refused(`there are more instructions than ${String(length)}`, 'real program length exceeds the encoded length parameter');
    const numbers = /^\s*([+-]?\d+)\s*([+-]\d+|(?<=\s)\d+)\s*([+-]\d+|(?<=\s)\d+)\s*([+-]\d+|(?<=\s)\d+)/.exec(part);
    if (numbers === null)
      return refused(`${shown(part)} is no instruction, which has four decimal numbers`, `error at instr ${String(program.length)}`);
    program.push({ code: cut(numbers[1], 16), ifTrue: cut(numbers[2], 8), ifFalse: cut(numbers[3], 8), operand: cut(numbers[4], 32) });
  }
  if (program.length < length)
    return refused(`there are fewer instructions than ${String(length)}`, 'parsed program length is less than the encoded length parameter');
  const wrong = whatIsWrong(program);
  return wrong === undefined ? { kind: 'read', value: program } : { kind: 'refused', by: 'kernel', message: wrong };
}

const JUMP_ALWAYS = 0x05;
/** Ends with a constant, or with the accumulator. */
const RETURNS = [0x06, 0x16];
/** Jumps on a comparison with a constant, or with the index register. */
const JUMPS = [0x15, 0x1d, 0x25, 0x2d, 0x35, 0x3d, 0x45, 0x4d];
const DIVISIONS_BY_CONSTANT = [0x34, 0x94];
const SHIFTS_BY_CONSTANT = [0x64, 0x74];
/** Words of scratch memory are loaded and stored by number, 0 to 15. */
const MEMORY = [0x60, 0x61, 0x02, 0x03];
const OTHERS = [
  0x00, 0x01, 0x04, 0x07, 0x0c, 0x14, 0x1c, 0x20, 0x24, 0x28, 0x2c, 0x30, 0x3c, 0x40, 0x44, 0x48, 0x4c, 0x50, 0x54, 0x5c, 0x6c, 0x7c, 0x80, 0x81,
  0x84, 0x87, 0x9c, 0xa4, 0xac, 0xb1,
];
const KNOWN: ReadonlySet<number> = new Set([
  JUMP_ALWAYS,
  ...RETURNS,
  ...JUMPS,
  ...DIVISIONS_BY_CONSTANT,
  ...SHIFTS_BY_CONSTANT,
  ...MEMORY,
  ...OTHERS,
]);

/** Why the kernel would not run a program, or undefined. (kernel: net/core/filter.c, bpf_check_classic) */
function whatIsWrong(program: readonly Instruction[]): string | undefined {
  for (const [place, { code, ifTrue, ifFalse, operand }] of program.entries()) {
    const left = program.length - place - 1;
    const name = `instruction ${String(place)}`;
    if (!KNOWN.has(code)) return `${name} has the unknown code ${String(code)}`;
    if (DIVISIONS_BY_CONSTANT.includes(code) && operand === 0) return `${name} divides by 0`;
    if (SHIFTS_BY_CONSTANT.includes(code) && operand > 31) return `${name} moves bits by more than 31`;
    if (MEMORY.includes(code) && operand > 15) return `${name} uses memory there is not`;
    if (code === JUMP_ALWAYS && operand >= left) return `${name} jumps out of the program`;
    if (JUMPS.includes(code) && Math.max(ifTrue, ifFalse) >= left) return `${name} jumps out of the program`;
  }
  return RETURNS.includes(program.at(-1)?.code ?? -1) ? undefined : 'the last instruction does not return';
}

const byteCode: ValueType<readonly Instruction[]> = {
  name: 'BPF program',
  free: true,
  saveQuotes: 'always',
  read,
  print: (program) =>
    [String(program.length), ...program.map(({ code, ifTrue, ifFalse, operand }) => [code, ifTrue, ifFalse, operand].join(' '))].join(','),
};

/** A path in the file system of BPF objects; only the host knows what is there. */
const pinned: ValueType<string> = {
  name: 'path of a BPF object',
  read: (text) => ({ kind: 'read', value: text }),
  print: (text) => text,
};

export default defineMatch({
  name: 'bpf',
  summary: 'a BPF program decides',
  families: ['ip', 'ip6'],
  options: { bytecode: value(byteCode), 'object-pinned': value(pinned) },
  constraints: [
    { kind: 'excludes', option: 'bytecode', others: ['object-pinned'] },
    { kind: 'atLeastOne', of: ['bytecode', 'object-pinned'], says: 'bpf: one of --bytecode or --pinned is required' },
  ],
  toNft: () =>
    unsupported(
      'nft runs no BPF programs',
      'write what the program tests with the fields of nft, such as `tcp flags` or `@th,OFFSET,LENGTH`, or attach it to the interface with `tc filter … bpf`',
    ),
});
