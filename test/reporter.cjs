const { writeFileSync } = require('node:fs');
const { relative } = require('node:path');

/** Ends a Jest run with "N passed, N failed" alone on its line; a file that could not run counts as a failure.
 *  `peftgrid test` runs Jest more than once, and reads the numbers in the file PEFTGRID_TALLY. */
module.exports = class TallyReporter {
  constructor({ rootDir }) {
    this.rootDir = rootDir;
  }

  onRunComplete(_contexts, { numPassedTests: passed, testResults }) {
    const failures = testResults.flatMap((file) => {
      const path = relative(this.rootDir, file.testFilePath);
      const failed = file.testResults.filter(({ status }) => status === 'failed');
      return [...(file.testExecError ? [path] : []), ...failed.map(({ fullName }) => `${path}: ${fullName}`)];
    });
    const { PEFTGRID_TALLY: file } = process.env;
    if (file) return writeFileSync(file, JSON.stringify({ passed, failures }));
    process.stderr.write('\n');
    process.stdout.write(`${passed} passed, ${failures.length} failed\n`);
  }
};
