const { execFileSync } = require('node:child_process');
const { existsSync, readdirSync, statSync } = require('node:fs');
const { join } = require('node:path');

/** Processes under test run from dist: builds it where a source is newer, before the first test of a run that has such tests. */
module.exports = function build({ testPathPatterns, rootDir }) {
  if (process.env.PEFTGRID_BUILT) return; // by `peftgrid test`
  const patterns = testPathPatterns?.patterns ?? [];
  if (patterns.length && !patterns.some((p) => /(^|\/)(test|dashboard|api)(\/|$)/.test(p))) return;
  const built = join(rootDir, 'dist', 'apps', 'worker', 'src', 'trainer.js');
  if (existsSync(built) && newest(['apps', 'libs'].map((f) => join(rootDir, f))) < statSync(built).mtimeMs)
    return;
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: rootDir, stdio: ['ignore', 'ignore', 'inherit'] });
};

function newest(folders) {
  let time = 0;
  for (const folder of folders) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) time = Math.max(time, newest([path]));
      else if (!entry.name.endsWith('.test.ts')) time = Math.max(time, statSync(path).mtimeMs);
    }
  }
  return time;
}
