import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import type { Command } from 'commander';
import { Kind } from '#contracts/kind.js';
import { kindsWithMetric } from '#contracts/scales.js';
import { program } from '../apps/cli/src/program.js';

const root = join(__dirname, '..');
const tracked = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const pages = tracked.filter((file) => /^(docs\/)?[\w-]+\.md$/.test(file));

/** Every file and folder, as the pages write them: they leave out `src`. */
const paths = tracked.flatMap((file) => {
  const parts = file.split('/').filter((part) => part !== 'src');
  return parts.map((_, i) => `/${parts.slice(0, i + 1).join('/')}/`);
});
const isThere = (path: string) => {
  const end = `/${path.replaceAll('/src/', '/').replace(/\/$/, '')}/`;
  return paths.some((known) => known.endsWith(end));
};

it.each(pages)('%s links to pages and headings that are there', (page) => {
  const broken = [...read(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].flatMap(
    ([link, to, anchor]) => {
      const target = to ? normalize(join(dirname(page), to)) : page;
      if (!tracked.some((file) => `${file}/`.startsWith(`${target.replace(/\/$/, '')}/`))) return [link];
      return anchor && !anchorsOf(target).includes(anchor) ? [link] : [];
    },
  );
  expect(broken).toEqual([]);
});

/** GitHub's anchors of a page's headings. */
function anchorsOf(page: string): string[] {
  return [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

it.each(['ARCHITECTURE.md', 'CONTRIBUTING.md'])('%s names files and folders that are there', (page) => {
  const text = read(page);
  const files = [...text.matchAll(/(?<![\w./-])(?:[\w-]+\/)*[\w.-]+\.(?:tsx?|sql|py|c?js|prisma)\b/g)];
  const folders = [...text.matchAll(/`((?:[\w-]+\/)+)`/g)].map(([, folder]) => [folder!]);
  const named = [...files, ...folders].map(([path]) => path!).filter((path) => !/[A-Z]{3}/.test(path));
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((path) => !isThere(path))).toEqual([]);
});

let known: Set<string> | undefined;
/** Every word of the sources. */
const words = () =>
  (known ??= new Set(tracked.filter((f) => /\.tsx?$/.test(f)).flatMap((f) => read(f).match(/\w+/g) ?? [])));

it.each(['ARCHITECTURE.md', 'CONTRIBUTING.md'])('%s names functions and types of the code', (page) => {
  const prose = read(page).replaceAll(/```[^]*?```/g, '');
  const named = [...prose.matchAll(/`(?:\w+\.)?(\w*[a-z][A-Z]\w*)(?:\(\))?`/g)].map(([, name]) => name!);
  expect(named.length).toBeGreaterThan(3);
  expect(named.filter((name) => !words().has(name))).toEqual([]);
});

it.each(pages)('%s types commands and options as the command line has them', (page) => {
  const lines = [...read(page).matchAll(/\.\/peftgrid((?: (?![#`&|>;])[^\s`#]+)+)/g)];
  const wrong = lines.flatMap(([line, typed]) => {
    const words = typed!.trim().split(' ');
    return wrongIn(
      line,
      words.map((word) => word.replace(/[",=].*$/, '')),
    );
  });
  expect(wrong).toEqual([]);
});

function wrongIn(line: string, words: readonly string[]): string[] {
  let at: Command = program();
  for (const word of words) {
    const below = at.commands.find((command) => command.name() === word);
    if (!below) break;
    at = below;
  }
  if (at.name() === 'bench') return []; // its options are those of each measurement
  if (at.name() === 'peftgrid' && /^[a-z]/.test(words[0]!)) return [line];
  const known = [...at.options.flatMap(({ short, long }) => [short, long]), '--help'];
  return words.filter((word) => /^--?[a-z]/.test(word) && !known.includes(word)).map(() => line);
}

it.each(Kind.options)('docs/predictions.md names the metrics of %s', (kind) => {
  const [, row] = new RegExp(`^\\| ${kind} \\| (.*) \\|$`, 'm').exec(read('docs/predictions.md')) ?? [];
  const named = [...(row ?? '').matchAll(/`(\w+)`/g)].map(([, metric]) => metric!);
  const possible = Object.entries<readonly string[]>(kindsWithMetric);
  expect(named.toSorted()).toEqual(
    possible.flatMap(([metric, of]) => (of.includes(kind) ? [metric] : [])).toSorted(),
  );
});
