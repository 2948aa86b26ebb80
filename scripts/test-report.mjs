// What a run of the tests has come to, kept line by line while it runs, so that one that is stopped says it too.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { project } from './packages.mjs';

/** The file that a reporter writes, named by the environment. */
export const REPORT = 'AEGIR_TEST_REPORT';

/** A reporter of vitest: a line of JSON for each test that has ended, and for each file. */
export default class Report {
  onTestModuleEnd(module) {
    // What goes wrong outside of a test: an import, a hook.
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
 * Reads what a run has written: counts; `failures` and `skips` as `[{ file, name, message }]`; `slowest` as
 * `[[file, seconds]]`, slowest first; `whole` is false where the run did not come to its end.
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

/** A line as it was written; the last one may be half. */
function parsed(line) {
  try {
    return JSON.parse(line);
  } catch {
    return {};
  }
}

/** The skipped tests by their reason: a test that is skipped says it in its name, "… (needs AEGIR_TEST_PLATFORMS)". */
export function skipsByReason(skips) {
  const reasons = new Map();
  for (const { file, name } of skips) {
    const reason = /\((needs [^)]*)\)/.exec(name)?.[1] ?? 'no reason given';
    reasons.set(reason, [...(reasons.get(reason) ?? []), `${file}: ${name}`]);
  }
  return reasons;
}
