/**
 * Property tests: fast-check, with the same inputs in every run, so that a gate that was green is green again. Long runs (`FWLINT_RUNS=4000`)
 * take new inputs each time; `FWLINT_SEED=N` repeats one that failed.
 */
import fc from 'fast-check';

const given = process.env['FWLINT_SEED'];
if (given !== undefined) fc.configureGlobal({ seed: Number(given) });
else if (process.env['FWLINT_RUNS'] === undefined) fc.configureGlobal({ seed: 1 });

export default fc;
