/** Ends a Jest run with "N passed, N failed" alone on its line; a file that could not run counts as a failure. */
module.exports = class TallyReporter {
  onRunComplete(_contexts, results) {
    const broken = results.testResults.filter((file) => file.testExecError).length;
    process.stderr.write('\n');
    process.stdout.write(`${results.numPassedTests} passed, ${results.numFailedTests + broken} failed\n`);
  }
};
