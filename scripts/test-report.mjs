// The results of a run of the tests, written line by line while it runs, so that a stopped run has results too.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { project } from './packages.mjs';

/** The environment variable with the file that the reporter writes. */
export const REPORT = 'AEGIR_TEST_REPORT';

/** A reporter of vitest: a line of JSON for each test that has ended, and for each file. */
export default class Report {
  onTestModuleEnd(module) {
    // Errors outside a test: in an import or a hook.
    for (const error of module.errors()) write({ file: fileOf(module), failed: true, message: error.message });
    for (const suite of module.children.allSuites())
      for (const error of suite.errors())
        write({ file: fileOf(module), name: suite.fullName, failed: true, message: error.message });
    write({ file: fileOf(module), ms: module.diagnostic().duration });
  }
  onTestCaseResult(test) {
    const { state, errors } = test.result();
    write({ file: fileOf(test.module), name: test.fullName, state, message: errors?.[0]?.message });
  }
  onTestRunEnd(_modules, unhandled, reason) {
    for (const error of unhandled) write({ file: '', failed: true, message: error.message ?? String(error) });
    write({ ended: reason });
  }
}

const fileOf = (module) => relative(project, module.moduleId);
const write = (fact) => appendFileSync(process.env[REPORT], `${JSON.stringify(fact)}\n`);

/**
 * Reads the results of a run: counts; `failures` and `skips` as `[{ file, name, message }]`; `slowest` as
 * `[[file, seconds]]`, slowest first; `whole` is false if the run did not complete.
 */
export function readReport(file) {
  const report = { passed: 0, failures: [], skips: [], slowest: [], whole: false };
  for (const line of existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []) {
    const fact = parsed(line);
    if (fact.ended) report.whole = true;
    else if (fact.failed || fact.state === 'failed') report.failures.push(fact);
    else if (fact.state === 'passed') report.passed += 1;
    else if (fact.state === 'skipped') report.skips.push(fact);
    else if (fact.ms !== undefined) report.slowest.push([fact.file, fact.ms / 1000]);
  }
  report.slowest.sort(([, one], [, other]) => other - one);
  return report;
}

/** A parsed line; `{}` for an incomplete last line. */
function parsed(line) {
  try {
    return JSON.parse(line);
  } catch {
    return {};
  }
}

/** The skipped tests by reason, which is part of a test's name: "… (needs AEGIR_TEST_PLATFORMS)". */
export function skipsByReason(skips) {
  const reasons = new Map();
  for (const { file, name } of skips) {
    const reason = /\((needs [^)]*)\)/.exec(name)?.[1] ?? 'no reason given';
    reasons.set(reason, [...(reasons.get(reason) ?? []), `${file}: ${name}`]);
  }
  return reasons;
}
